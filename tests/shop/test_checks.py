from __future__ import annotations

from shop.checks import brand_is_readable, unreadable


def test_the_brand_we_ship_is_readable_in_both_themes() -> None:
    assert brand_is_readable(None) == []


def test_pale_text_is_warned_of_in_the_theme_it_is_in() -> None:
    css = ":root { --paper: light-dark(#ffffff, #000000); --ink: light-dark(#cccccc, #eeeeee); }"

    [warning] = unreadable(css)

    assert warning.id == "shop.W001"
    assert warning.msg == "--ink on --paper has a contrast of 1.6 to 1 (light)."


def test_plain_values_are_checked_too() -> None:
    assert [found.msg for found in unreadable(":root { --brand: #ffff00; --on-brand: #ffffff; }")] == [
        "--on-brand on --brand has a contrast of 1.1 to 1 (without light-dark())."
    ]
