"""The variants of a piece as a table in the admin: prices and what is on sale, all in one go, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from shop.admin.base import see_other
from shop.admin.catalogue_file import words_of
from shop.models import Product, User, Variant
from shop.operations.matrix import Change, ChangedMeanwhile, NewVariant, save_matrix
from shop.queries.matrix import Cell, Matrix, matrix_of
from shop.rules.catalogue_file import BadFile, price_minor
from shop.rules.money import Money, plain_amount

if TYPE_CHECKING:
    from shop.admin.catalogue import ProductAdmin

_WHERE = re.compile(r"^Line \d+, \w+: ")  # where in a file it would be


@dataclass
class _Typed:
    """What came back: the changes, the new variants, and a sentence for each field that is wrong."""

    changes: list[Change] = field(default_factory=list)
    new: list[NewVariant] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def matrix_page(admin: ProductAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show the table of a piece, or write what was changed in it.  Raises PermissionDenied, Http404."""
    if not request.user.has_perm("shop.change_variant"):
        raise PermissionDenied
    product = admin.get_object(request, unquote(object_id))
    if product is None:
        raise Http404("No such product")
    also = [int(value) for value in request.GET.getlist("with") if value.isdecimal() and len(value) < 10]
    matrix = matrix_of(product, also)
    if request.method != "POST":
        return _shown(admin, request, product, matrix)
    typed = _read(matrix, request.POST, settings.SHOP_CURRENCY)
    if not typed.problems:
        typed.problems = _save(request, product, typed)
    if typed.problems:
        return _shown(admin, request, product, matrix, typed.problems)
    return see_other(f"{reverse(f'{admin.admin_site.name}:shop_product_matrix', args=[product.pk])}")


def _read(matrix: Matrix, data: QueryDict, currency: str) -> _Typed:
    typed = _Typed()
    for cell in matrix.cells:
        variant = cell.variant
        if variant is None and f"add-{cell.sku}" not in data:
            continue
        try:
            price = price_minor(data.get(f"price-{cell.sku}", ""), variant.currency if variant else currency)
        except ValueError:
            typed.problems.append(_("%(sku)s needs a price above nothing, such as 38.00.") % {"sku": cell.sku})
            continue
        if variant is None:
            typed.new.append(NewVariant(cell.sku, cell.options, price))
        else:
            typed.changes.append(Change(cell.sku, _was(cell, data), (price, f"active-{cell.sku}" in data)))
    return typed


def _was(cell: Cell, data: QueryDict) -> tuple[int, bool]:
    """Return what the variant was when the page was opened; what nobody can read counts as something else."""
    price, _bar, active = data.get(f"was-{cell.sku}", "").partition("|")
    return (int(price) if price.isdecimal() else -1, active == "True")


def _save(request: HttpRequest, product: Product, typed: _Typed) -> list[str]:
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    try:
        outcome = save_matrix(
            product_id=product.pk, changes=typed.changes, new=typed.new, by=request.user, at=timezone.now()
        )
    except ChangedMeanwhile as refusal:
        return _conflicts(refusal, {change.sku: change.was for change in typed.changes})
    except BadFile as refusal:
        return [_WHERE.sub("", problem) for problem in refusal.problems]
    messages.success(request, _("Saved. %(what)s") % {"what": words_of(outcome)})
    return []


def _conflicts(refusal: ChangedMeanwhile, seen: Mapping[str, tuple[int, bool]]) -> list[str]:
    """Return a sentence for each article, with what it was when the page was opened and what it is."""
    now = {row.sku: row for row in Variant.objects.filter(sku__in=refusal.skus)}
    said = []
    for sku in refusal.skus:
        row = now.get(sku)
        currency = row.currency if row else settings.SHOP_CURRENCY
        before = _state(*seen[sku], currency) if sku in seen else _("not there")
        after = _state(row.price_minor, row.active, currency) if row else _("not there")
        told = {"sku": sku, "before": before, "after": after}
        said.append(
            _("Somebody changed %(sku)s since you opened this page: it was %(before)s, it is %(after)s.") % told
        )
    return [*said, _("Look at it anew, then save.")]


def _state(price_minor: int, active: bool, currency: str) -> str:
    if price_minor < 0:
        return _("something nobody can read")
    price = plain_amount(Money(price_minor, currency))
    return _("%(price)s, on sale") % {"price": price} if active else _("%(price)s, not on sale") % {"price": price}


def _shown(
    admin: ProductAdmin, request: HttpRequest, product: Product, matrix: Matrix, problems: list[str] | None = None
) -> HttpResponse:
    data = request.POST if problems else None
    rows = [(label, [_field(cell, data) for cell in cells]) for label, cells in matrix.rows]
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Variants of %(product)s") % {"product": product.name},
        "opts": Product._meta,
        "product": product,
        "columns": matrix.columns,
        "rows": rows,
        "others": matrix.others,
        "problems": problems or [],
        "query": urlencode({"with": request.GET.getlist("with")}, doseq=True),
        "kept": request.GET.getlist("with"),
    }
    return TemplateResponse(request, "admin/shop/product/matrix.html", context, status=422 if problems else 200)


def _field(cell: Cell, data: QueryDict | None) -> dict[str, Any]:
    """Return a cell as the page draws it: with what was typed, else with what is there."""
    variant = cell.variant
    price = plain_amount(Money(variant.price_minor, variant.currency)) if variant else ""
    was = f"{variant.price_minor}|{variant.active}" if variant else ""
    return {
        "cell": cell,
        "was": data.get(f"was-{cell.sku}", "") if data else was,
        "price": data.get(f"price-{cell.sku}", price) if data else price,
        "active": f"active-{cell.sku}" in data if data else bool(variant and variant.active),
        "add": bool(data) and f"add-{cell.sku}" in (data or {}),
        "reduced": bool(variant and variant.was_minor is not None),
    }
