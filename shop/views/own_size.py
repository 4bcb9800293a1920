"""Which size is hers: the page of one piece that finds it, and the page of the account that keeps her measures.

Measures are sent by POST, so that no address and no log holds them, and kept only when she says so.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shop.cookies import remember
from shop.forms.own_size import LengthsForm, OwnSizeForm
from shop.messages.own_size import difference_words, suggestion_words
from shop.models import Product
from shop.operations.own_size import forget_own_size, keep_own_size
from shop.queries.own_size import NOTHING_SAID, OwnSize, body_measures, guides_with_sizes, own_size
from shop.queries.product import MeasureTable, ProductView, product_view
from shop.rules.lengths import CENTIMETRES, INCHES
from shop.rules.own_size import compare, suggest
from shop.views.own import own_page, owner
from shop.visitors import shopper

UNIT_COOKIE = "unit"


def chosen_unit(request: HttpRequest) -> str:
    """Return the unit this device measures in: that of its last form, or centimetres."""
    return INCHES if request.COOKIES.get(UNIT_COOKIE) == INCHES else CENTIMETRES


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def sizes(request: HttpRequest) -> HttpResponse:
    """Show, keep and forget what somebody says about her size.  Three queries."""
    person = owner(request)
    if request.method == "POST" and "forget" in request.POST:
        forget_own_size(user_id=person.pk)
        messages.success(request, _("Forgotten. Nothing about your size is kept any more."))
        return redirect("account:sizes")
    known = own_size(person.pk)
    form = OwnSizeForm(
        request.POST or None,
        asked=[(each.code, _(each.label), _(each.how_to)) for each in body_measures()],
        guides=guides_with_sizes(),
        known=known,
        unit=chosen_unit(request),
    )
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "known": known}
        return render(request, "account/sizes.html", context, status=422 if form.errors else 200)
    keep_own_size(user_id=person.pk, measures=form.lengths, usual=form.usual, at=timezone.now())
    messages.success(request, _("Kept. Pages of clothes now tell you your size."))
    response = redirect("account:sizes")
    remember(response, UNIT_COOKIE, form.cleaned_data["unit"])
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def your_size(request: HttpRequest, slug: str) -> HttpResponse:
    """Find her size of one piece: by her body, or by a piece of hers laid flat."""
    view = _sized(slug)
    person = shopper(request)
    known = own_size(person.pk) if person else NOTHING_SAID
    asked = str(request.POST.get("by", "body"))
    context = {"view": view, "product": view.product, "by": asked, "signed_in": person is not None}
    forms = {
        "body": _form(request, view.body, "body", known),
        "garment": _form(request, view.garment, "garment", NOTHING_SAID),
    }
    form = forms.get(asked)
    context |= {"body_form": forms["body"], "garment_form": forms["garment"]}
    if request.method != "POST" or form is None:
        return render(request, "shop/your_size.html", context)
    if not form.is_valid():
        return render(request, "shop/your_size.html", context | {"form": form}, status=422)
    if person and "keep" in request.POST and asked == "body":
        keep_own_size(
            user_id=person.pk, measures={**known.measures, **form.lengths}, usual=known.usual, at=timezone.now()
        )
        messages.success(request, _("Kept. Pages of clothes now tell you your size."))
    context |= _by_body(view, form) if asked == "body" else _by_garment(view, form)
    response = render(request, "shop/your_size.html", context)
    remember(response, UNIT_COOKIE, form.cleaned_data["unit"])
    return response


def _sized(slug: str) -> ProductView:
    """Return a product whose sizes can be told apart by measures.  Raises Http404."""
    try:
        view = product_view(slug, {})
    except Product.DoesNotExist:
        raise Http404("Nothing on sale at this address") from None
    if not view.has_sizes or not (view.body.rows or view.garment.rows):
        raise Http404("This piece has no sizes to choose from")
    return view


def _form(request: HttpRequest, table: MeasureTable, by: str, known: OwnSize) -> LengthsForm | None:
    """Return the form of one way to find a size, filled with what was sent for it; None where nothing is measured."""
    if not table.rows:
        return None
    return LengthsForm(
        request.POST if request.method == "POST" and request.POST.get("by", "body") == by else None,
        asked=[(column.code, _(column.label), _(column.how_to)) for column in table.columns],
        known_mm=known.measures,
        unit=chosen_unit(request),
        some=True,
        auto_id=f"{by}_%s",
    )


def _by_body(view: ProductView, form: LengthsForm) -> dict[str, Any]:
    found = suggest(form.lengths, view.body.sizes)
    labels = {column.code: column.label for column in view.body.columns}
    words = suggestion_words(found, labels, form.cleaned_data["unit"]) if found else None
    return {"found": words, "size": words.size if words else ""}


def _by_garment(view: ProductView, form: LengthsForm) -> dict[str, Any]:
    """Return the sizes beside what she owns, a row each."""
    columns = [column for column in view.garment.columns if column.code in form.lengths]
    rows = [
        (one, [difference_words(one, column.code, form.cleaned_data["unit"]) for column in columns])
        for one in compare(form.lengths, view.garment.sizes)
    ]
    nearest = next((one.size for one, _words in rows if one.nearest), "")
    return {"columns": columns, "rows": rows, "size": nearest}
