"""What returns keep about a person: her own words, and the rest as part of the books of the order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.queries.personal import ids_of
from returns.models import CaseLine, Inspection, ReturnCase, Withdrawal
from shop.personal import Fate, Keeper, Person, Redact, Section, Words
from shop.rules.personal import ERASED

_OPEN = (ReturnCase.Status.REQUESTED, ReturnCase.Status.APPROVED, ReturnCase.Status.RECEIVED)


def sections(person: Person) -> Iterator[Section]:
    """Return her returns and what she said of each piece."""
    ids = ids_of(person)
    yield Section(
        "returns",
        _("Your returns"),
        ReturnCase.objects.filter(order__in=ids).select_related("order").order_by("id"),
        (
            "number",
            "order__number",
            "status",
            "requested_at",
            "decided_at",
            "decline_reason",
            "settled_at",
            "refund_minor",
        ),
        "order__currency",
    )
    lines = CaseLine.objects.filter(case__order__in=ids)
    yield Section(
        "return_lines",
        _("What you sent back, and why"),
        lines.select_related("case__order", "order_line", "reason").order_by("id"),
        (
            "case__number",
            "order_line__title",
            "quantity",
            "reason__label",
            "detail",
            "wanted",
            "granted",
            "amount_minor",
        ),
        "case__order__currency",
    )
    yield Section(
        "withdrawals",
        _("Your withdrawals from contracts"),
        withdrawals_of(person),
        ("order_number", "name", "email", "pieces", "declared_at", "due_on", "outcome", "settled_at"),
    )


def withdrawals_of(person: Person) -> QuerySet[Withdrawal]:
    """Return what she withdrew from: of her orders, and what was stated with her address and belongs to no order."""
    rows = Withdrawal.objects.annotate(small=Lower("email"))
    hers = Q(order__in=ids_of(person)) | Q(order=None, small__in=person.addresses)
    return rows.filter(hers).order_by("id")


def holds(person: Person) -> Iterator[Words]:
    """Say which returns have to be settled first."""
    for case in ReturnCase.objects.filter(order__in=ids_of(person), status__in=_OPEN).order_by("id"):
        yield gettext("Return %(number)s is not settled yet.") % {"number": case.number}
    for withdrawal in withdrawals_of(person).filter(settled_at=None):
        yield gettext("Your withdrawal from order %(number)s is not settled yet.") % {"number": withdrawal.order_number}


def fates(person: Person) -> Iterator[Fate]:
    """Say what becomes of it."""
    stays = _("Pieces and sums stay with their order; your own words go.")
    yield Fate(_("Returns"), ReturnCase.objects.filter(order__in=ids_of(person)).count(), stays)
    dates = _("That you withdrew, and when, stays with its order; name, address and words go.")
    yield Fate(_("Withdrawals from contracts"), withdrawals_of(person).count(), dates)


def erase(person: Person, redact: Redact, at: datetime) -> None:
    """Take her words, and those about her, out of her returns."""
    ids = ids_of(person)
    CaseLine.objects.filter(case__order__in=ids).exclude(detail="").update(detail=ERASED)
    Inspection.objects.filter(case_line__case__order__in=ids).exclude(note="").update(note=ERASED)
    ReturnCase.objects.filter(Q(order__in=ids) & ~Q(decline_reason="")).update(decline_reason=ERASED)
    mine = list(withdrawals_of(person).values_list("pk", flat=True))
    Withdrawal.objects.filter(Q(pk__in=mine) & ~Q(pieces="")).update(pieces=ERASED)
    Withdrawal.objects.filter(pk__in=mine).update(name=ERASED, email="")


KEEPER = Keeper(
    "returns.cases",
    models=("returns.returncase", "returns.caseline", "returns.inspection", "returns.withdrawal"),
    sections=sections,
    holds=holds,
    fates=fates,
    erase=erase,
)
NOTHING_PERSONAL = ("returns.returnreason",)
