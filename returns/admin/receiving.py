"""Unpack a parcel in the admin: what came of each line, in which condition, and where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import OrderLine
from returns.forms import FindingForm, GiftForm
from returns.models import CaseLine, Inspection, ReturnCase, ReturnReason
from returns.operations import receiving
from returns.queries.lines import gifts_left
from returns.rules import states
from shop.admin.base import see_other
from shop.models import User

if TYPE_CHECKING:
    from returns.admin.cases import ReturnCaseAdmin


def receive_page(admin: ReturnCaseAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the form of an agreed return, or book in what it says.  Raises PermissionDenied, Http404."""
    if not request.user.has_perm("returns.receive_return") or not admin.has_view_permission(request):
        raise PermissionDenied
    case = admin.get_object(request, unquote(object_id))
    if not isinstance(case, ReturnCase):
        raise Http404
    back = reverse(f"{admin.admin_site.name}:returns_returncase_change", args=[object_id])
    forms = [_form(line, request) for line in case.lines.all()]
    gifts = [_gift_form(gift, request) for gift in gifts_left(order=case.order)]
    if request.method == "POST" and False not in [form.is_valid() for form in (*forms, *gifts)]:
        _book_in(request, case, forms, gifts)
        return see_other(back)
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Unpack return %(number)s") % {"number": case.number},
        "opts": admin.opts,
        "original": case,
        "forms": forms,
        "gifts": gifts,
        "back": back,
        "open": case.status == ReturnCase.Status.APPROVED,
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/returns/returncase/receive.html", context, status=status)


def _form(line: CaseLine, request: HttpRequest) -> FindingForm:
    # Goods sent back for their quality are looked at before anybody else buys them.
    doubtful = line.reason.group == ReturnReason.Group.QUALITY
    place = Inspection.Disposition.QUARANTINE if doubtful else Inspection.Disposition.RESTOCK
    condition = Inspection.Condition.DAMAGED if doubtful else Inspection.Condition.LIKE_NEW
    data = request.POST if request.method == "POST" else None
    return FindingForm(line, data, condition=condition, disposition=place)


def _gift_form(gift: OrderLine, request: HttpRequest) -> GiftForm:
    data = request.POST if request.method == "POST" else None
    return GiftForm(gift, gift.left, data)  # type: ignore[attr-defined]  # annotated


def _book_in(request: HttpRequest, case: ReturnCase, forms: list[FindingForm], gifts: list[GiftForm]) -> None:
    """Call the operation and tell how it went."""
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    findings = {form.line.pk: form.finding() for form in forms}
    along = {form.gift.pk: form.finding() for form in gifts}
    try:
        done = receiving.receive_return(
            case_id=case.pk, findings=findings, gifts=along, by=request.user, at=timezone.now()
        )
    except receiving.ImpossibleFinding:  # the gift came with another return meanwhile
        messages.error(request, _("That many of the gift are not with her any more. Look again; nothing was changed."))
        return
    except states.NotNow:
        messages.error(request, _("This return is not waiting for its parcel. Nothing was changed."))
        return
    if done.status == ReturnCase.Status.SETTLED:
        messages.success(request, _("Booked in and settled: everything came whole and like new."))
    else:
        messages.success(request, _("Booked in. Somebody who decides about returns settles it next."))
