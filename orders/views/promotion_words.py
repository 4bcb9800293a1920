"""Promotions in words: what counts, what does not and why, how they go together."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.rules.promotions import Kind, Outcome, Refused, Why
from shop.rules import wording
from shop.rules.money import Money


def applied_rows(outcome: Outcome, currency: str) -> list[dict[str, Any]]:
    """Return what counts: name, what is saved, and the voucher to take out again (None for one that is automatic)."""
    return [
        {
            "name": one.chance.name,
            "voucher_id": one.chance.voucher_id,
            "saved": _("free gift") if one.chance.kind == Kind.GIFT else f"−{_money(one.saved_minor, currency)}",
        }
        for one in outcome.applied
    ]


def refused_rows(outcome: Outcome, currency: str) -> list[dict[str, Any]]:
    """Return what does not count and why; an automatic promotion is only told where something is missing to it."""
    return [
        {
            "name": one.chance.name,
            "voucher_id": one.chance.voucher_id,
            "why": sentence(one.why, missing=_money(one.missing_minor, currency)),
        }
        for one in outcome.refused
        if one.chance.voucher_id or _worth_telling(one)
    ]


def _worth_telling(one: Refused) -> bool:
    return one.why in {Why.MINIMUM, Why.GIFT_GONE}


def sentence(why: Why, *, missing: str = "") -> str:
    """Say why a promotion does not count, and what becomes of the voucher."""
    said = {
        Why.NOT_YET: _("It has not begun yet; the voucher stays yours."),
        Why.ENDED: _("It has ended."),
        Why.USED_UP: _("It has been used up."),
        Why.USED_BY_HER: _("It was used with this e-mail address before."),
        Why.VOID: _("It is no longer valid. Write to us, and a person looks at it."),
        Why.MINIMUM: _("%(missing)s more, and it counts.") % {"missing": missing},
        Why.GIFT_GONE: _("The gift has run out."),
        Why.NOTHING_TO_GAIN: _("It would give you nothing here, so it stays yours."),
        Why.BETTER_WITHOUT: _("It cannot be used together with the others, and those give you more. It stays yours."),
    }
    return said[why]


def how_they_go_together() -> list[str]:
    """Return the rules of promotions as sentences."""
    return [
        _("Per cents count from the full price and add up; then amounts come off, never more than the goods cost."),
        _("What goes together is used together. What does not is used alone, when it gives you more."),
        _("A minimum looks at the full price of the goods, before anything is taken off."),
        _("A voucher that would give you nothing is not used up: it stays yours."),
        _("The order in which you type codes makes no difference."),
    ]


def _money(minor: int, currency: str) -> str:
    return wording.money(Money(minor, currency), get_language() or "en")
