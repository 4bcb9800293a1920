"""Split a parcel in the admin: how many pieces of each line go first."""

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

from orders.forms import SplitForm
from orders.models import Order, Parcel
from orders.operations.splitting import split_parcel
from orders.rules.states import Impossible
from shop.admin.base import see_other
from shop.models import User

if TYPE_CHECKING:
    from orders.admin.parcels import ParcelAdmin


def may_be_split(parcel: Parcel) -> bool:
    """Say whether a parcel, with its lines, may still become two."""
    pieces = sum(row.quantity for row in parcel.lines.all())
    return parcel.order.status == Order.Status.PLACED and parcel.status == Parcel.Status.PLANNED and pieces > 1


def split_page(admin: ParcelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask what goes first, or split as it says.  Raises PermissionDenied, Http404."""
    if not request.user.has_perm("orders.pack_parcel") or not admin.has_view_permission(request):
        raise PermissionDenied
    parcel = admin.get_object(request, unquote(object_id))
    if not isinstance(parcel, Parcel):
        raise Http404
    back = reverse(f"{admin.admin_site.name}:orders_order_change", args=[parcel.order_id])
    inside = list(parcel.lines.select_related("line").order_by("id"))
    form = SplitForm(inside, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _split(request, parcel, form)
        return see_other(back)
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Split parcel %(n)d of %(number)s") % {"n": parcel.number, "number": parcel.order.number},
        "opts": Order._meta,
        "original": parcel.order.number,
        "form": form,
        "back": back,
        "open": may_be_split(parcel),
    }
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/orders/parcel/split.html", context, status=status)


def _split(request: HttpRequest, parcel: Parcel, form: SplitForm) -> None:
    """Call the operation and tell how it went."""
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    try:
        later = split_parcel(parcel_id=parcel.pk, first=form.first(), by=request.user, at=timezone.now())
    except Impossible:
        messages.error(request, _("Somebody was faster: this parcel has moved on. Nothing was changed."))
        return
    told = {"first": parcel.number, "later": later.number}
    messages.success(request, _("Parcel %(first)d goes first; the rest waits in parcel %(later)d.") % told)
