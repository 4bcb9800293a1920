"""A parcel's label in the admin, as a PDF to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from orders.messages.label import label
from orders.models import Parcel, Promise
from shop.gateways.typesetting import typeset

if TYPE_CHECKING:
    from orders.admin.parcels import ParcelAdmin


def label_page(admin: ParcelAdmin, request: HttpRequest, object_id: int) -> HttpResponse:
    """Show the label of a parcel that is to be sent or on its way.  Raises PermissionDenied, Http404."""
    if not request.user.has_perm("orders.hand_over_parcel") or not admin.has_view_permission(request):
        raise PermissionDenied
    parcel = (
        Parcel.objects.select_related("order__service__destination_calendar")
        .exclude(status=Parcel.Status.CANCELLED)
        .filter(pk=object_id)
        .first()
    )
    if parcel is None:
        raise Http404
    total = Parcel.objects.filter(order=parcel.order_id).exclude(status=Parcel.Status.CANCELLED).count()
    promise = None if parcel.due_at else Promise.objects.filter(order=parcel.order_id).order_by("-version").first()
    pdf = typeset("label", label(parcel, total=total, promise=promise))
    name = f"label-{parcel.order.number}-{parcel.number}.pdf"
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )
