"""The catalogues of texts: found, merged without noise, compiled, and refused when a language is incomplete."""

from __future__ import annotations

import gettext
import os
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from shop.apps import compile_stale
from shop.bootstrap import verbs
from shop.catalogues.extraction import texts_in
from shop.catalogues.files import catalogue_of, merged, write, written
from shop.catalogues.listing import path_of, stale_in

CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _later
A = _("Whole sentence in %(place)s.")
B = ngettext("%(n)d piece", "%(n)d pieces", 3)
C = pgettext_lazy("a bag", "Full")
D = [_later("In two " "parts")]
E = _(A)
F = _("Bag")
"""
PAGE = """
{% load i18n %}{% translate "Bag" as here %}{% blocktranslate trimmed with n=3 count k=n %}{{ n }} left
  over{% plural %}{{ n }} left, 5% of it{% endblocktranslate %}
{{ name|default:_("nobody") }}{% include "x.html" with text=_("with it") %}{# _("no") #}
"""


@pytest.fixture
def house(tmp_path: Path, settings: Settings) -> Path:
    """A small project with a German catalogue that is complete."""
    files = {"shop/views/a.py": CODE, "templates/a.html": PAGE}
    for name, source in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    for staffs in ("shop/admin/b.py", "shop/models/b.py", "shop/migrations/b.py", "templates/admin/b.html"):
        (tmp_path / staffs).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / staffs).write_text('_("for staff")' if staffs.endswith("py") else '{% translate "for staff" %}')
    settings.BASE_DIR, settings.CATALOGUES = tmp_path, tmp_path / "shop" / "locale"
    call_command("translate_texts", add="de", stdout=StringIO())
    fill(tmp_path)
    return tmp_path


def fill(house: Path) -> None:
    file = path_of(house / "shop" / "locale", "de")
    catalogue = catalogue_of(file)
    for message in catalogue:
        if message.id:
            plural = isinstance(message.id, tuple)
            message.string = tuple(f"De {each}" for each in message.id) if plural else f"De {message.id}"
    write(catalogue, file)


def po(house: Path) -> Path:
    return path_of(house / "shop" / "locale", "de")


def asked(**options: object) -> str:
    out = StringIO()
    call_command("translate_texts", stdout=out, **options)
    return out.getvalue()


def test_every_text_of_code_and_templates_is_found_and_nothing_of_staff(house: Path) -> None:
    found = {(text.context, text.text, text.plural, *sorted(text.files)) for text in texts_in(house).values()}

    assert found == {
        ("", "Whole sentence in %(place)s.", "", "shop/views/a.py"),
        ("", "%(n)d piece", "%(n)d pieces", "shop/views/a.py"),
        ("a bag", "Full", "", "shop/views/a.py"),
        ("", "In two parts", "", "shop/views/a.py"),
        ("", "Bag", "", "shop/views/a.py", "templates/a.html"),
        ("", "%(n)s left over", "%(n)s left, 5%% of it", "templates/a.html"),
        ("", "nobody", "", "templates/a.html"),
        ("", "with it", "", "templates/a.html"),
    }


def test_a_catalogue_has_one_form_without_lines_and_dates(house: Path) -> None:
    once = po(house).read_bytes()

    asked()

    assert po(house).read_bytes() == once
    assert b"#: shop/views/a.py\n#: templates/a.html\nmsgid" in once
    assert b"Date" not in once
    texts = [line for line in once.decode().splitlines() if line.startswith("msgid ")][1:]
    assert texts == sorted(texts)


def test_two_branches_that_add_texts_merge_into_what_one_would_have_written(house: Path) -> None:
    old, texts = catalogue_of(po(house)), texts_in(house)
    one = {key: text for key, text in texts.items() if text.text != "Bag"}

    back_and_forth = merged(merged(old, one), texts)

    assert written(merged(old, texts)) == po(house).read_bytes()
    assert b'msgid "Bag"\nmsgstr ""' in written(back_and_forth)


def test_a_catalogue_in_conflict_is_read_as_both_branches_have_it(house: Path) -> None:
    whole = po(house).read_text()
    before, after = whole.split('msgid "Bag"\nmsgstr "De Bag"\n', 1)
    ours, theirs = 'msgid "Bag"\nmsgstr ""\n', 'msgid "Bag"\nmsgstr "Tasche"\n\nmsgid "Full"\nmsgstr "Voll"\n'
    first, second = "De In two parts", "In zwei Teilen"
    marked = after.replace(
        f'msgstr "{first}"\n', f'<<<<<<< main\nmsgstr "{first}"\n=======\nmsgstr "{second}"\n>>>>>>> branch\n'
    )
    po(house).write_text(f"{before}<<<<<<< main\n{ours}||||||| base\n=======\n{theirs}>>>>>>> branch\n{marked}")

    assert asked() == "de: 8 texts, 0 not translated\n"

    settled = po(house).read_text()
    assert settled == whole.replace("De Bag", "Tasche")
    assert asked(check=True) == "de: 8 texts, 0 not translated\n"


def test_a_complete_language_passes(house: Path) -> None:
    assert asked(check=True) == "de: 8 texts, 0 not translated\n"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('msgstr "De Bag"', 'msgstr ""', "'Bag' is not translated"),
        ('msgstr[1] "De %(n)d pieces"', 'msgstr[1] ""', "'%(n)d piece' is not translated"),
        ('msgid "Bag"', '#, fuzzy\nmsgid "Bag"', "'Bag' is marked fuzzy"),
        ('"De Whole sentence in %(place)s."', '"De %(plac)s."', "'Whole sentence in %(place)s.' has other variables"),
        ('"De %(n)s left, 5%% of it"', '"De %(n)s left of it"', "'%(n)s left over' has other variables"),
        ('msgid "Bag"\nmsgstr "De Bag"', 'msgid "Bog"\nmsgstr "De Bog"', "'Bog' stands nowhere any more"),
    ],
)
def test_an_incomplete_language_is_refused_and_told_what_to_do(house: Path, before: str, after: str, told: str) -> None:
    text = po(house).read_text()
    assert before in text
    po(house).write_text(text.replace(before, after))
    planted, out = po(house).read_bytes(), StringIO()

    with pytest.raises(CommandError, match=r"Not complete: de\. Run `manage.py translate_texts`, fill in"):
        call_command("translate_texts", check=True, stdout=out)

    assert told in out.getvalue()
    assert po(house).read_bytes() == planted


def test_a_language_nobody_knows_is_not_begun(house: Path) -> None:
    with pytest.raises(CommandError, match="xx is no language we know"):
        asked(add="xx")

    assert not path_of(house / "shop" / "locale", "xx").exists()


def test_a_catalogue_is_compiled_when_it_is_newer_and_never_half_a_plural(house: Path) -> None:
    compiled = po(house).with_suffix(".mo")
    text = po(house).read_text().replace('msgstr[1] "De %(n)d pieces"', 'msgstr[1] ""')
    assert list(stale_in(house / "shop" / "locale")) == []

    po(house).write_text(text.replace('"De Bag"', '"Tasche"'))
    os.utime(compiled, (1, 1))
    compile_stale(house / "shop" / "locale")

    with compiled.open("rb") as file:
        spoken = gettext.GNUTranslations(file)
    assert (spoken.gettext("Bag"), spoken.pgettext("a bag", "Full")) == ("Tasche", "De Full")
    assert spoken.ngettext("%(n)d piece", "%(n)d pieces", 2) == "%(n)d pieces"
    assert [path.name for path in compiled.parent.iterdir() if path.name.startswith(".")] == []


def test_where_nothing_may_be_written_the_shop_starts(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    po(house).with_suffix(".mo").unlink()

    def closed(*args: object, **more: object) -> None:
        raise PermissionError

    monkeypatch.setattr("tempfile.mkstemp", closed)
    compile_stale(house / "shop" / "locale")

    assert not po(house).with_suffix(".mo").exists()


def test_make_check_asks_for_every_text() -> None:
    asks = {title: command[-2:] for title, command, _environment in verbs._checks()}

    assert asks["texts"] == ["translate_texts", "--check"]


def test_the_compiled_form_is_no_part_of_the_source_and_made_by_any_command() -> None:
    assert "*.mo" in (settings.BASE_DIR / ".gitignore").read_text().splitlines()
    assert list(stale_in(settings.CATALOGUES)) == []
