"""A courier's list in the admin: choose the file, read what is wrong with it line by line, or have it applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.forms import ScanFileForm
from orders.models import Order
from orders.operations.scanning import import_scans
from orders.rules import scan_file
from shop.admin.base import see_other
from shop.models import User

if TYPE_CHECKING:
    from orders.admin.parcels import ParcelAdmin

MOST_PROBLEMS = 20


def scans_page(admin: ParcelAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for a file, or apply it.  Raises PermissionDenied."""
    if not request.user.has_perm("orders.note_scan"):
        raise PermissionDenied
    post = request.method == "POST"
    form = ScanFileForm(request.POST, request.FILES) if post else ScanFileForm()
    problems: tuple[str, ...] = ()
    if post and form.is_valid():
        try:
            return _apply(admin, request, form)
        except scan_file.BadFile as refusal:
            problems = refusal.problems
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Bring in a courier's list"),
        "opts": Order._meta,
        "form": form,
        "problems": problems[:MOST_PROBLEMS],
        "more": max(0, len(problems) - MOST_PROBLEMS),
        "needed": scan_file.NEEDED,
        "optional": scan_file.OPTIONAL,
    }
    return TemplateResponse(request, "admin/orders/parcel/scans.html", context, status=422 if post else 200)


def _apply(admin: ParcelAdmin, request: HttpRequest, form: ScanFileForm) -> HttpResponse:
    """Call the operation and tell how it went.  Raises BadFile."""
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    rows = scan_file.read(form.cleaned_data["file"], zone=timezone.get_current_timezone())
    new = import_scans(rows=rows, carrier=form.cleaned_data["carrier"], by=request.user, at=timezone.now())
    said = ngettext("%(new)d new scan of %(all)d.", "%(new)d new scans of %(all)d.", new)
    messages.success(request, said % {"new": new, "all": len(rows)})
    return see_other(reverse(f"{admin.admin_site.name}:orders_order_changelist"))
