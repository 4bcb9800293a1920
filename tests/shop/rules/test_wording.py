from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from shop.rules import wording
from shop.rules.money import Money, exponent

TUESDAY, THURSDAY, WEDNESDAY = date(2026, 3, 3), date(2026, 3, 5), date(2026, 4, 1)
LOCALES = st.sampled_from(["en", "de", "fr", "ar", "pt-br"])


@pytest.mark.parametrize(
    ("locale", "first", "last", "written"),
    [
        ("en", TUESDAY, THURSDAY, "Tue 3 – Thu 5 March"),
        ("en", TUESDAY, WEDNESDAY, "Tue 3 March – Wed 1 April"),
        ("en", TUESDAY, TUESDAY, "Tuesday 3 March"),
        ("de", TUESDAY, THURSDAY, "Di., 3. – Do., 5. März"),
        ("de", TUESDAY, WEDNESDAY, "Di., 3. März – Mi., 1. April"),
        ("de-AT", TUESDAY, TUESDAY, "Dienstag, 3. März"),
        ("fr", TUESDAY, THURSDAY, "mar. 3 – jeu. 5 mars"),
        ("fr", TUESDAY, TUESDAY, "mar. 3 mars"),
        ("ar", TUESDAY, THURSDAY, "الثلاثاء، 3 – الخميس، 5 مارس"),
    ],
)
def test_days_are_written_as_the_language_has_it(locale: str, first: date, last: date, written: str) -> None:
    assert wording.day_range(first, last, locale).replace("\u2009", " ") == written


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "written"),
    [
        (123_450, "EUR", "de", "1.234,50\xa0€"),
        (123_450, "EUR", "en", "€1,234.50"),
        (-500, "EUR", "de", "-5,00\xa0€"),
        (5_000, "JPY", "de", "5.000\xa0¥"),
        (1_234, "KWD", "de", "1,234\xa0KWD"),
    ],
)
def test_money_is_written_as_the_language_has_it(minor: int, currency: str, locale: str, written: str) -> None:
    assert wording.money(Money(minor, currency), locale) == written


@given(minor=st.integers(-(10**12), 10**12), currency=st.sampled_from(["EUR", "GBP", "JPY", "KWD"]))
@pytest.mark.parametrize("locale", ["en", "de"])
def test_written_money_is_read_as_the_same_amount(locale: str, minor: int, currency: str) -> None:
    written = wording.money(Money(minor, currency), locale)

    digits = "".join(sign for sign in written if sign.isdigit() or sign in ".,-")
    assert parse_decimal(digits, locale=locale) == Decimal(minor).scaleb(-exponent(currency))


@given(first=st.dates(date(2000, 1, 1), date(2090, 1, 1)), length=st.integers(0, 60), locale=LOCALES)
def test_a_range_names_both_its_days(first: date, length: int, locale: str) -> None:
    last = first + timedelta(days=length)

    written = wording.day_range(first, last, locale)

    assert str(first.day) in written
    assert str(last.day) in written
    assert written.strip() == written


@pytest.mark.parametrize(
    ("code", "names"), [("de", ("German", "Deutsch")), ("pt-br", ("Portuguese (Brazil)", "Portugiesisch (Brasilien)"))]
)
def test_languages_have_names_and_unknown_ones_their_code(code: str, names: tuple[str, str]) -> None:
    assert (wording.language_name(code, "en"), wording.language_name(code, "de")) == names
    assert [wording.language_name(unknown, "en") for unknown in ("zz", "", "-")] == ["zz", "", "-"]


def test_towns_months_and_decimals_follow_the_language() -> None:
    assert [wording.town("Europe/Lisbon", locale) for locale in ("en", "de")] == ["Lisbon", "Lissabon"]
    assert [wording.month(TUESDAY, locale) for locale in ("en", "de")] == ["March 2026", "März 2026"]
    assert [wording.decimal("11.8–12.5", locale) for locale in ("en", "de")] == ["11.8–12.5", "11,8–12,5"]
