"""Many pieces changed together in the admin: ticked in the list, looked at, done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shop.admin.base import see_other
from shop.forms.together import TogetherForm
from shop.models import Product, User
from shop.operations.matrix import ChangedMeanwhile
from shop.operations.together import NewPrice, change_prices, move_together, new_prices, publish_together
from shop.rules import wording
from shop.rules.money import Money

if TYPE_CHECKING:
    from shop.admin.catalogue import ProductAdmin

MOST = 500  # pieces changed together
_SALT = "shop.together"


def together_page(admin: ProductAdmin, request: HttpRequest) -> HttpResponse:
    """Ask what is to change about the pieces of `?ids=`, say what prices would be, do it.  Raises PermissionDenied."""
    if not request.user.has_perm("shop.change_product") or not request.user.has_perm("shop.change_variant"):
        raise PermissionDenied
    ids = {int(one) for one in request.GET.get("ids", "").split(",") if one.isdecimal() and len(one) < 10}
    products = list(Product.objects.filter(pk__in=ids).select_related("category").order_by("name", "id")[: MOST + 1])
    if len(products) > MOST:
        messages.warning(request, _("Change at most %(most)d products together. Tick fewer.") % {"most": MOST})
        return see_other(_list(admin))
    if not products:
        messages.warning(request, _("Tick the products first, then choose “Change together”."))
        return see_other(_list(admin))
    form = TogetherForm(request.POST) if request.method == "POST" else TogetherForm()
    if request.method != "POST":
        return _shown(admin, request, products, form)
    if not form.is_valid():
        return _shown(admin, request, products, form, status=422)
    prices = form.cleaned_data["what"] == "prices"
    if prices and "save" not in request.POST:
        return _look(admin, request, products, form)
    try:
        said = _prices(request, products, form) if prices else _rest(request, products, form)
    except (ChangedMeanwhile, signing.BadSignature):
        problem = _("Prices changed since you looked. This is what would happen now.")
        return _look(admin, request, products, form, problem=problem, status=409)
    messages.success(request, said)
    return see_other(_list(admin))


def _look(
    admin: ProductAdmin, request: HttpRequest, products: list[Product], form: TogetherForm, **more: Any
) -> HttpResponse:
    found = _new_prices(products, form)
    seen = signing.dumps({price.sku: price.old_minor for price in found}, salt=_SALT, compress=True)
    rows = [(price.sku, _money(price, price.old_minor), _money(price, price.new_minor), price) for price in found]
    return _shown(admin, request, products, form, rows=rows, seen=seen, **more)


def _prices(request: HttpRequest, products: list[Product], form: TogetherForm) -> str:
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    count = change_prices(
        product_ids=[product.pk for product in products],
        percent=form.cleaned_data["percent"],
        step=form.cleaned_data["step"],
        seen=signing.loads(request.POST.get("seen", ""), salt=_SALT),
        by=request.user,
        at=timezone.now(),
    )
    return ngettext("%(count)d price is new.", "%(count)d prices are new.", count) % {"count": count}


def _rest(request: HttpRequest, products: list[Product], form: TogetherForm) -> str:
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    who: dict[str, Any] = {
        "product_ids": [product.pk for product in products], "by": request.user, "at": timezone.now()
    }  # fmt: skip
    if form.cleaned_data["what"] == "move":
        count = move_together(category=form.cleaned_data["category"], **who)
    else:
        count = publish_together(published=form.cleaned_data["what"] == "publish", **who)
    return ngettext("%(count)d product changed.", "%(count)d products changed.", count) % {"count": count}


def _new_prices(products: list[Product], form: TogetherForm) -> list[NewPrice]:
    ids = [product.pk for product in products]
    return new_prices(ids, percent=form.cleaned_data["percent"], step=form.cleaned_data["step"])


def _money(price: NewPrice, minor: int) -> str:
    return wording.money(Money(minor, price.currency), get_language() or "en")


def _list(admin: ProductAdmin) -> str:
    return reverse(f"{admin.admin_site.name}:shop_product_changelist")


def _shown(
    admin: ProductAdmin,
    request: HttpRequest,
    products: list[Product],
    form: TogetherForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    title = ngettext("Change %(count)d product", "Change %(count)d products together", len(products))
    context = {
        **admin.admin_site.each_context(request),
        "title": title % {"count": len(products)},
        "opts": Product._meta,
        "products": products,
        "form": form,
        **more,
    }
    return TemplateResponse(request, "admin/shop/product/together.html", context, status=status)
