"""The catalogue as a file in the admin: look at what it would do, bring it in, take it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.admin.base import see_other
from shop.forms.catalogue_file import CatalogueFileForm
from shop.gateways import sheets
from shop.models import MeasurementDefinition, Product, User
from shop.operations.importing import Outcome, import_catalogue
from shop.queries.exporting import catalogue_rows
from shop.rules.catalogue_file import COLUMNS, NEEDED, BadFile, read

if TYPE_CHECKING:
    from shop.admin.catalogue import ProductAdmin

MOST_PROBLEMS = 50
_TYPES = {
    "csv": ("text/csv; charset=utf-8", sheets.write_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheets.write_xlsx),
}


def file_page(admin: ProductAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for a file, say what it would do, or write it.  Raises PermissionDenied."""
    if not all(request.user.has_perm(f"shop.{what}") for what in ("add_product", "change_variant")):
        raise PermissionDenied
    post = request.method == "POST"
    form = CatalogueFileForm(request.POST, request.FILES) if post else CatalogueFileForm()
    found: dict[str, Any] = {}
    if post and form.is_valid():
        try:
            outcome = _bring_in(request, form.cleaned_data["file"], dry_run="look" in request.POST)
        except BadFile as refusal:
            found = {
                "problems": refusal.problems[:MOST_PROBLEMS],
                "more": max(len(refusal.problems) - MOST_PROBLEMS, 0),
            }
        else:
            if "look" not in request.POST:
                messages.success(request, _("It is in the catalogue. %(what)s") % {"what": words_of(outcome)})
                return see_other(reverse(f"{admin.admin_site.name}:shop_product_changelist"))
            found = {"outcome": words_of(outcome)}
    context = {
        **admin.admin_site.each_context(request),
        "title": _("The catalogue as a file"),
        "opts": Product._meta,
        "form": form,
        "columns": COLUMNS,
        "needed": NEEDED,
        **found,
    }
    wrong = post and (form.errors or "problems" in found)
    return TemplateResponse(request, "admin/shop/product/file.html", context, status=422 if wrong else 200)


def _bring_in(request: HttpRequest, raw: bytes, *, dry_run: bool) -> Outcome:
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    codes = set(MeasurementDefinition.objects.order_by("id").values_list("code", flat=True))
    pieces = read(sheets.read(raw), measures=codes, currency=settings.SHOP_CURRENCY)
    return import_catalogue(pieces=pieces, by=request.user, at=timezone.now(), dry_run=dry_run)


def words_of(outcome: Outcome) -> str:
    """Return what an import did, or would do, in a sentence."""
    return _(
        "Products: %(new_products)d new, %(changed_products)d changed. Variants: %(new_variants)d new,"
        " %(changed_variants)d changed, %(unchanged_variants)d as they were."
    ) % vars(outcome)


def export_file(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out the catalogue as csv or xlsx.  Raises PermissionDenied."""
    if not request.user.has_perm("shop.view_variant"):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    content_type, write = _TYPES[kind]
    response = HttpResponse(write(catalogue_rows()), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="catalogue.{kind}"'
    return response
