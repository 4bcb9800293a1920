"""What the checkout says when an order was not placed: what happened, what still holds, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from orders.operations.redeeming import PromotionGone
from orders.queries.bag import BagLine
from orders.rules.guard import Change
from orders.rules.promise import NobodyHome
from shop.operations.stock import SoldOut
from shop.rules import wording
from shop.rules.money import Money


@dataclass(frozen=True)
class Notice:
    """A heading and sentences; `to_bag` offers the way back to the bag."""

    title: str
    sentences: tuple[str, ...]
    to_bag: bool = False


def changed(change: Change, currency: str) -> Notice:
    """Say what is different from what the page showed."""
    said = []
    if change.total_minor:
        before, now = (wording.money(Money(minor, currency), _locale()) for minor in change.total_minor)
        said.append(_("The total was %(before)s and is now %(now)s.") % {"before": before, "now": now})
    if change.deliver_by_on:
        before, now = (wording.day(on, _locale()) for on in change.deliver_by_on)
        said.append(
            _("It would have arrived by %(before)s; ordered now it arrives by %(now)s.")
            % {"before": before, "now": now}
        )
    if change.home_on:
        said.append(
            _("The first day somebody is at home is now %(now)s.") % {"now": wording.day(change.home_on[1], _locale())}
        )
    if change.early_on:
        said.append(_("The day of the first parcel is another one now."))
    if change.promotions:
        said.append(_("Other promotions count now than when you looked; the sum below is what holds."))
    if change.credit_minor:
        before, now = (wording.money(Money(minor, currency), _locale()) for minor in change.credit_minor)
        said.append(
            _("Your store credit would have paid %(before)s; it pays %(now)s now.") % {"before": before, "now": now}
        )
    said.append(_("Nothing has been ordered or charged. If this is fine with you, press the button again."))
    return Notice(_("Something changed while you were here"), tuple(said))


def sold_out(refusal: SoldOut, lines: Sequence[BagLine]) -> Notice:
    """Say what is left of which piece, and what to do."""
    said = _missing(refusal, lines)
    said.append(_("Nothing has been ordered or charged. Change your bag, and everything you typed here stays."))
    return Notice(_("Somebody was faster"), tuple(said), to_bag=True)


def _missing(refusal: SoldOut, lines: Sequence[BagLine]) -> list[str]:
    """Say of each piece what is left, and what only lies in somebody else's checkout."""
    names = {line.variant.pk: f"{line.product.name}, {line.variant.label}".rstrip(", ") for line in lines}
    said = []
    for short in refusal.shortages:
        piece = names.get(short.variant_id, "")
        if short.held_until and short.available + short.held >= short.wanted:
            told = {"piece": piece, "time": f"{timezone.localtime(short.held_until):%H:%M}"}
            said.append(_("%(piece)s is in somebody else's checkout; try again at %(time)s.") % told)
        elif short.available == 0:
            said.append(_("%(piece)s has just been sold out.") % {"piece": piece})
        else:
            said.append(
                ngettext(
                    "Only %(left)d of %(piece)s is left; your bag has %(wanted)d.",
                    "Only %(left)d of %(piece)s are left; your bag has %(wanted)d.",
                    short.available,
                )
                % {"left": short.available, "piece": piece, "wanted": short.wanted}
            )
    return said


def short(refusal: SoldOut, lines: Sequence[BagLine]) -> str:
    """Say in one line why the checkout cannot begin."""
    return " ".join(_missing(refusal, lines))


def promotion_gone(refusal: PromotionGone) -> Notice:
    """Say that a promotion was used up by somebody else meanwhile."""
    return Notice(
        _("“%(name)s” has just been used up") % {"name": refusal.name},
        (
            _("Nothing has been ordered or charged. The sum below is without it."),
            _("If this is fine with you, press the button again; everything you typed is still here."),
        ),
    )


def nobody_home(refusal: NobodyHome) -> str:
    """Ask what to do when nobody is at home in the range."""
    return _("With this delivery it would arrive %(range)s, and nobody is at home then. Choose what we shall do.") % {
        "range": wording.day_range(refusal.deliver_from_on, refusal.deliver_by_on, _locale())
    }


def declined() -> Notice:
    """Say that the card was refused."""
    return Notice(
        _("Your card was declined"),
        (
            _("Nothing was charged and nothing ordered. Your bag and everything you typed are still here."),
            _("Try another card, or choose another way to pay."),
        ),
    )


def used_before() -> Notice:
    """Say that this page was sent before with something else in it."""
    return Notice(
        _("This page was already used for an order"),
        (
            _("It was sent before with other details, and that order stands: its mail has the link to it."),
            _("What you see now has not been ordered. If you want it as well, press the button again."),
        ),
    )


def too_often(retry_at: datetime) -> Notice:
    """Say that the button was pressed very often, and from when it works again."""
    return Notice(
        _("That was often, so we take a breath"),
        (
            _("Nothing has been ordered or charged just now. Your bag and everything you typed are still here."),
            _("Press the button again from %(time)s, or write to us and we take the order for you: %(email)s.")
            % {"time": f"{timezone.localtime(retry_at):%H:%M}", "email": settings.CARE_EMAIL},
        ),
    )


def look_again() -> Notice:
    """Say that we cannot tell what the page showed."""
    return Notice(
        _("Please look at the sum and the day once more"),
        (_("We could not read what this page had shown you. Nothing has been ordered or charged."),),
    )


def no_way_there() -> Notice:
    """Say that this delivery is not to be had."""
    return Notice(
        _("We cannot deliver this way right now"),
        (
            _(
                "Nothing has been ordered or charged. Choose another delivery or country below,"
                " or write to us: %(email)s."
            )
            % {"email": settings.CARE_EMAIL},
        ),
    )


def _locale() -> str:
    return get_language() or settings.LANGUAGE_CODE
