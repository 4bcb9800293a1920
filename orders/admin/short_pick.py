"""Note at the packing table that pieces are not where they should be."""

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

from orders.forms import ShortPickForm
from orders.models import Order, Parcel
from orders.operations.shortfalls import PiecesRefused, note_short_pick
from orders.rules.states import Impossible
from shop.admin.base import see_other
from shop.models import User

if TYPE_CHECKING:
    from orders.admin.parcels import ParcelAdmin


def may_be_short(parcel: Parcel) -> bool:
    """Say whether pieces of a parcel can still turn out to be missing."""
    return parcel.order.status == Order.Status.PLACED and parcel.status == Parcel.Status.PLANNED


def short_page(admin: ParcelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask what is missing, or note it.  Raises PermissionDenied, Http404."""
    if not request.user.has_perm("orders.pack_parcel") or not admin.has_view_permission(request):
        raise PermissionDenied
    parcel = admin.get_object(request, unquote(object_id))
    if not isinstance(parcel, Parcel):
        raise Http404
    back = reverse(f"{admin.admin_site.name}:orders_order_change", args=[parcel.order_id])
    inside = list(parcel.lines.select_related("line").order_by("id"))
    form = ShortPickForm(inside, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _note(request, parcel, form):
        return see_other(back)
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Something of parcel %(n)d is missing") % {"n": parcel.number},
        "opts": Order._meta,
        "original": parcel.order.number,
        "form": form,
        "back": back,
        "open": may_be_short(parcel),
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/orders/parcel/short.html", context, status=status)


def _note(request: HttpRequest, parcel: Parcel, form: ShortPickForm) -> bool:
    """Call the operation and tell how it went; False when the form has to be looked at again."""
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    data = form.cleaned_data
    try:
        note_short_pick(
            parcel_id=parcel.pk,
            line_id=data["line"].line_id,
            missing=data["missing"],
            reason=data["reason"],
            key=str(data["key"]),
            by=request.user,
            at=timezone.now(),
        )
    except PiecesRefused as refusal:
        form.add_error("missing", _("The parcel holds %(most)d of it. Enter at most that.") % {"most": refusal.most})
        return False
    except Impossible:
        messages.error(request, _("Somebody was faster: this parcel has moved on. Nothing was changed."))
    else:
        messages.success(request, _("Noted. The shelf is corrected, and the shopper is asked by mail what she likes."))
    return True
