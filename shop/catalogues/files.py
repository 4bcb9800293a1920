"""Catalogue files: read, brought up to date, written in one fixed form, compiled.

The form is made for merging: texts stand in the order of the alphabet, one line each, with the files they come from but
no line numbers and no dates, so that two branches seldom touch the same lines.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from shop.catalogues.extraction import Text

DOMAIN = "django"


def catalogue_of(file: Path) -> Catalog:
    """Read a catalogue; an empty one when there is no such file yet.

    One that Git left in conflict is read as both sides have it: each text in the words of ours, else of theirs.
    """
    locale = file.parts[-3]
    if not file.exists():
        return Catalog(locale=locale, domain=DOMAIN)
    ours, *theirs = (_parsed(side, locale) for side in _sides(file.read_text(encoding="utf-8")))
    for message in (message for side in theirs for message in side if message.id):
        kept = ours.get(message.id, message.context)
        if kept is None:
            ours[message.id] = message
        elif not any(kept.string or ()):
            kept.string = message.string
    return ours


_CONFLICT = re.compile(r"^<{7} [^\n]*\n(.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}\n(.*?)^>{7} [^\n]*\n", re.DOTALL | re.MULTILINE)


def _sides(text: str) -> list[str]:
    return [_CONFLICT.sub(rf"\{side}", text) for side in (1, 2)] if _CONFLICT.search(text) else [text]


def _parsed(text: str, locale: str) -> Catalog:
    return read_po(io.BytesIO(text.encode()), locale=locale, domain=DOMAIN, abort_invalid=True)


def merged(old: Catalog, texts: Mapping[tuple[str, str], Text]) -> Catalog:
    """Return a catalogue of exactly `texts`, with what `old` says about them; nothing is guessed from similar texts."""
    fresh = Catalog(locale=old.locale, domain=DOMAIN)
    for text in texts.values():
        kept = old.get(text.text, text.context or None)
        says = (kept.string if kept else "") or ""
        if text.plural and not isinstance(says, tuple | list):
            says = (says, *[""] * (fresh.num_plurals - 1))
        if not text.plural and isinstance(says, tuple | list):
            says = says[0]
        fresh.add(
            id=(text.text, text.plural) if text.plural else text.text,
            string=says,
            locations=[(file, 0) for file in sorted(text.files)],  # lines are not written
            flags={"fuzzy"} if kept and kept.fuzzy else (),
            user_comments=kept.user_comments if kept else (),
            context=text.context or None,
        )
    return fresh


def write(catalogue: Catalog, file: Path) -> None:
    """Write a catalogue in the fixed form, and compile it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(written(catalogue))
    compile_one(file)


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue in the fixed form."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    entries = re.sub(r"^#: .+$", _one_a_line, out.getvalue().decode().rstrip(), flags=re.MULTILINE)
    return f"{_head(catalogue)}{entries}\n".encode()


def _one_a_line(comment: re.Match[str]) -> str:
    """Give each file a line of its own: a text that is used in one file more changes one line."""
    return "\n".join(f"#: {file}" for file in comment[0].removeprefix("#: ").split())


def _head(catalogue: Catalog) -> str:
    name = Locale.parse(str(catalogue.locale)).english_name
    lines = (
        f"Language: {catalogue.locale}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalogue.plural_forms}",
    )
    fields = "".join(f'"{line}\\n"\n' for line in lines)
    return f'# {name} texts of Kingpost. `manage.py translate_texts` keeps this file.\nmsgid ""\nmsgstr ""\n{fields}\n'


def compile_one(file: Path) -> None:
    """Write the form gettext reads, in one step, since others may be reading or doing the same."""
    catalogue = catalogue_of(file)
    for message in list(catalogue):
        if message.id and isinstance(message.string, tuple | list) and not all(message.string):
            catalogue.delete(message.id, message.context)  # half a plural would be shown as nothing
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=".compiling-")
    with os.fdopen(handle, "wb") as out:
        write_mo(out, catalogue)
    os.chmod(scratch, 0o644)
    os.replace(scratch, file.with_suffix(".mo"))
