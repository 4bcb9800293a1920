"""The list of shelves that run low, for whoever orders and makes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.models import StockLevel
from shop.queries.low_stock import MOST, low_shelves, to_refill
from shop.rules.low_stock import LASTS_DAYS, LOOKS_BACK_DAYS


def low_stock_page(admin: Any, request: HttpRequest) -> HttpResponse:
    """Show what runs low, the most urgent first.  Raises PermissionDenied."""
    if not request.user.has_perm("shop.view_stocklevel"):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    now = timezone.now()
    shelves, tasks = low_shelves(now), to_refill(now)
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Running low"),
        "opts": StockLevel._meta,
        "shelves": shelves,
        "tasks": tasks,
        "capped": max(len(shelves), len(tasks)) == MOST,
        "weeks": LOOKS_BACK_DAYS // 7,
        "lasts_weeks": LASTS_DAYS // 7,
    }
    return TemplateResponse(request, "admin/shop/stocklevel/low.html", context)
