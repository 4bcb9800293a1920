"""The column an order is found by: one text, made by the database itself, so that no writer can forget it."""

from __future__ import annotations

from django.db.models import Func, GeneratedField, TextField

from orders.rules.searching import ACCENTED, PLAIN


class Folded(Func):
    """Texts side by side, in small letters, each letter of `accented` written as the one of `plain`."""

    template = "translate(lower(%(expressions)s), '%(accented)s', '%(plain)s')"
    arg_joiner = " || ' ' || "
    output_field = TextField()


class Without(Func):
    """A text without what matches `signs`, a regular expression of Postgres."""

    template = "regexp_replace(%(expressions)s, '%(signs)s', '', 'g')"
    output_field = TextField()


def search_text() -> GeneratedField:
    """Return the column: number with and without dashes, e-mail address, name, and the phone's digits."""
    made_of = ("number", Without("number", signs="-"), "email", "full_name", Without("phone", signs="[^0-9]"))
    return GeneratedField(
        expression=Folded(*made_of, accented=ACCENTED, plain=PLAIN), output_field=TextField(), db_persist=True
    )
