"""The measures of a piece in the admin: pasted from a spreadsheet, looked at, written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.admin.base import see_other
from shop.admin.catalogue_file import words_of
from shop.models import Product, User
from shop.operations.matrix import ChangedMeanwhile
from shop.operations.measuring import write_measures
from shop.queries.measures import Measures, measures_of
from shop.rules.catalogue_file import BadFile
from shop.rules.lengths import centimetres
from shop.rules.measure_table import UNITS, read_measures

if TYPE_CHECKING:
    from shop.admin.catalogue import ProductAdmin

_SALT = "shop.measures"


class TableForm(forms.Form):
    """A pasted table and what its numbers are."""

    unit = forms.ChoiceField(
        label=gettext_lazy("Numbers are in"),
        choices=[(unit, unit) for unit in UNITS],
        help_text=gettext_lazy("A cell may say otherwise: 470 mm."),
    )
    table = forms.CharField(
        label=gettext_lazy("Table"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "wrap": "off"}),
        error_messages={"required": gettext_lazy("Paste the table")},
    )


def measures_page(admin: ProductAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Show what is known, say what a pasted table would change, or write it.  Raises PermissionDenied, Http404."""
    if not request.user.has_perm("shop.change_variantmeasurement"):
        raise PermissionDenied
    product = admin.get_object(request, unquote(object_id))
    if product is None:
        raise Http404("No such product")
    known = measures_of(product)
    if request.method != "POST":
        return _shown(admin, request, product, TableForm(initial={"table": _written(known)}))
    form = TableForm(request.POST)
    if not form.is_valid():
        return _shown(admin, request, product, form, status=422)
    try:
        read = read_measures(form.cleaned_data["table"], unit=form.cleaned_data["unit"], known=known.known)
    except BadFile as refusal:
        return _shown(admin, request, product, form, problems=refusal.problems, status=422)
    if "save" not in request.POST:
        return _shown(admin, request, product, form, changes=_changes(known, read), seen=_sealed(known))
    return _save(admin, request, product, form, read)


def _save(
    admin: ProductAdmin, request: HttpRequest, product: Product, form: TableForm, read: dict[str, dict[str, int]]
) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    try:
        seen = _opened(request.POST.get("seen", ""))
        done = write_measures(product_id=product.pk, measures=read, seen=seen, by=request.user, at=timezone.now())
    except (ChangedMeanwhile, signing.BadSignature):
        known = measures_of(product)
        problems = [
            *_conflicts(request.POST.get("seen", ""), known, read),
            _("Somebody changed measures of this piece meanwhile. Look at what would change now."),
        ]
        changes = _changes(known, read)
        return _shown(
            admin, request, product, form, problems=problems, changes=changes, seen=_sealed(known), status=409
        )
    messages.success(request, _("The measures are on the page. %(what)s") % {"what": words_of(done)})
    return see_other(reverse(f"{admin.admin_site.name}:shop_product_measures", args=[product.pk]))


def _conflicts(seal: str, known: Measures, read: dict[str, dict[str, int]]) -> list[str]:
    """Return a sentence for each measure that is another one since it was looked at, with both values."""
    try:
        seen = _opened(seal)
    except signing.BadSignature:
        return []
    touched = [(sku, code) for sku, of_article in read.items() for code in of_article]
    return [
        _("%(sku)s, %(label)s was %(before)s when you looked, and is %(after)s.")
        % {
            "sku": sku,
            "label": known.labels[code],
            "before": _length(seen.get((sku, code))),
            "after": _length(known.values.get((sku, code))),
        }
        for sku, code in touched
        if known.values.get((sku, code)) != seen.get((sku, code))
    ]


def _length(mm: int | None) -> str:
    return _("not known") if mm is None else f"{centimetres(mm)} cm"


def _changes(known: Measures, read: dict[str, dict[str, int]]) -> list[dict[str, str]]:
    """Return what would be different, by article and measure; centimetres."""
    return [
        {
            "sku": sku,
            "label": known.labels[code],
            "old": centimetres(known.values[sku, code]) if (sku, code) in known.values else "",
            "new": centimetres(mm),
        }
        for sku, of_article in read.items()
        for code, mm in of_article.items()
        if known.values.get((sku, code)) != mm
    ]


def _written(known: Measures) -> str:
    """Write what is known as a table to copy, in centimetres: a row for each size, or article where there is none."""
    codes = [code for code in known.labels if any(of == code for _sku, of in known.values)] or list(known.labels)[:3]
    rows: dict[str, list[str]] = {}
    for sku in dict.fromkeys(sku for name, skus in known.known.articles.items() for sku in skus if name == sku.lower()):
        mine = [known.values.get((sku, code)) for code in codes]
        rows.setdefault(known.sizes.get(sku, sku), ["" if mm is None else centimetres(mm) for mm in mine])
    head = [str(_("Size")), *(known.labels[code] for code in codes)]
    return "\n".join("\t".join(cells) for cells in [head, *([name, *cells] for name, cells in rows.items())])


def _sealed(known: Measures) -> str:
    return signing.dumps([[*key, mm] for key, mm in known.values.items()], salt=_SALT, compress=True)


def _opened(seal: str) -> dict[tuple[str, str], int]:
    """Return what the page showed.  Raises signing.BadSignature."""
    return {(sku, code): mm for sku, code, mm in signing.loads(seal, salt=_SALT)}


def _shown(
    admin: ProductAdmin, request: HttpRequest, product: Product, form: TableForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Measures of %(product)s") % {"product": product.name},
        "opts": Product._meta,
        "product": product,
        "form": form,
        **more,
    }
    return TemplateResponse(request, "admin/shop/product/measures.html", context, status=status)
