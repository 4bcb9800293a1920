"""Work by stage: what stands where, until when, and how full the workshop's days are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.admin import wording
from orders.messages import words
from orders.models import Order, Parcel, Workshop
from orders.operations.making import note_labelled, note_made
from orders.queries.stages import Load, loads, workshop_days
from orders.rules.stages import Stage
from orders.rules.states import Impossible
from shop.admin.base import Button, Pressed
from shop.queries.calendars import calendar_of

_TOO_LATE = gettext_lazy("Somebody was faster: this parcel has moved on. Nothing was changed.")

STAGE_WORDS = {
    Stage.PAYMENT: gettext_lazy("Payment"),
    Stage.MAKING: gettext_lazy("Making"),
    Stage.PACKING: gettext_lazy("Packing"),
    Stage.LABELLING: gettext_lazy("Label"),
    Stage.HAND_OVER: gettext_lazy("Hand-over"),
    Stage.TRANSIT: gettext_lazy("On the road"),
    Stage.RECEIPT: gettext_lazy("Arrived, not confirmed"),
}
_WAITS_FOR = {
    Stage.PAYMENT: gettext_lazy("a bank transfer"),
    Stage.MAKING: gettext_lazy("the people who make it"),
    Stage.PACKING: gettext_lazy("the packing table"),
    Stage.LABELLING: gettext_lazy("a label"),
    Stage.HAND_OVER: gettext_lazy("the courier's van"),
    Stage.TRANSIT: gettext_lazy("the courier"),
    Stage.RECEIPT: gettext_lazy("a word from the shopper"),
}


def made(press: Pressed[Parcel]) -> str:
    """Note that it is made."""
    note_made(parcel_id=press.row.pk, by=press.by, at=press.at)
    return _("Noted: it is made. Next: pack it.")


def labelled(press: Pressed[Parcel]) -> str:
    """Note that the label is on."""
    note_labelled(parcel_id=press.row.pk, by=press.by, at=press.at)
    return _("Noted: the label is on. Next: hand it over.")


def _waits_to_be_made(parcel: Parcel) -> bool:
    if parcel.status != Parcel.Status.PLANNED or parcel.made_at or parcel.order.status != Order.Status.PLACED:
        return False
    return any(inside.line.making_days for inside in parcel.lines.all())


def _waits_for_label(parcel: Parcel) -> bool:
    living = parcel.order.status == Order.Status.PLACED
    return living and parcel.status == Parcel.Status.PACKED and parcel.labelled_at is None


STAGE_BUTTONS = (
    Button(
        "made",
        gettext_lazy("It is made"),
        "orders.pack_parcel",
        call=made,
        shown=_waits_to_be_made,
        refusals={Impossible: _TOO_LATE},
    ),
    Button(
        "labelled",
        gettext_lazy("The label is on"),
        "orders.hand_over_parcel",
        call=labelled,
        shown=_waits_for_label,
        refusals={Impossible: _TOO_LATE},
    ),
)


def stages_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the work by stage.  Raises PermissionDenied."""
    if not request.user.has_perm("orders.view_order"):
        raise PermissionDenied
    at = timezone.now()
    today = timezone.localdate(at)
    midnight = timezone.make_aware(datetime.combine(today + timedelta(days=1), datetime.min.time()))
    context = {
        **site.each_context(request),
        "title": _("Work by stage"),
        "as_of": at,
        "stages": [_row(load, at) for load in loads(at, midnight=midnight)],
        "workshops": [_workshop(row, at) for row in Workshop.objects.select_related("calendar").order_by("name", "id")],
    }
    return TemplateResponse(request, "admin/orders/order/stages.html", context)


def _row(load: Load, at: datetime) -> dict[str, Any]:
    due = wording.due(kind=load.stage, due_at=load.first_at, at=at) if load.first_at else None
    return {
        "load": load,
        "name": STAGE_WORDS[load.stage],
        "waits_for": _WAITS_FOR[load.stage],
        "first": wording.tag(due.tone, due.icon, due.text) if due else "",
        "query": f"desk=stage-{load.stage}",
    }


def _workshop(row: Workshop, at: datetime) -> dict[str, Any]:
    today = calendar_of(row.calendar).local_day(at)
    return {
        "name": row.name,
        "days": [{"day": day, "on": words.day(day.on)} for day in workshop_days(row, today=today)],
    }
