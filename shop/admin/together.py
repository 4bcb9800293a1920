"""Many pieces changed together in the admin: ticked in the list, looked at, done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
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
from shop.models import Category, Product, User
from shop.operations.matrix import ChangedMeanwhile
from shop.operations.together import change_prices, move_together, new_prices, publish_together
from shop.rules import wording
from shop.rules.money import Money

if TYPE_CHECKING:
    from shop.admin.catalogue import ProductAdmin

MOST = 500  # pieces changed together
_SALT = "shop.together"

Seen = Mapping[str, int]  # what an article cost, whether a piece was on sale (0 or 1), or on which shelf it was


@dataclass(frozen=True)
class _Row:
    """A line of what would change: what it is called, as it is, as it will be; `stays` says why it does not change."""

    name: str
    now: str
    then: str
    stays: str = ""


@dataclass(frozen=True)
class _Look:
    """What would change.  `seen` is what it goes by, each value by article or by id; `named` what to call each."""

    rows: list[_Row]
    seen: Seen
    named: dict[str, str]
    words: dict[int, str] | None = None  # what a value of `seen` is called; None: it is an amount

    @property
    def changes(self) -> int:
        """Return how many lines would change."""
        return sum(not row.stays for row in self.rows)

    def conflicts(self, before: Seen) -> list[str]:
        """Return a sentence for each line that is not as it was, with both values."""
        return [
            _("%(name)s was %(before)s when you looked, and is %(after)s.")
            % {"name": name, "before": self._word(before.get(key)), "after": self._word(self.seen.get(key))}
            for key, name in ({key: key for key in before} | self.named).items()
            if before.get(key) != self.seen.get(key)
        ]

    def _word(self, value: int | None) -> str:
        if value is None:
            return _("not there")
        return _money(value) if self.words is None else self.words.get(value, _("on another shelf"))


def together_page(admin: ProductAdmin, request: HttpRequest) -> HttpResponse:
    """Ask what is to change about the pieces of `?ids=`, say what would change, do it.  Raises PermissionDenied."""
    if not request.user.has_perm("shop.change_product") or not request.user.has_perm("shop.change_variant"):
        raise PermissionDenied
    ids = {int(one) for one in request.GET.get("ids", "").split(",") if one.isdecimal() and len(one) < 10}
    products = list(Product.objects.filter(pk__in=ids).select_related("category").order_by("name", "id")[: MOST + 1])
    if len(products) > MOST:
        told = _(
            "You ticked more than %(most)d products; at most that many change together. Nothing changed: tick fewer."
        )
        messages.warning(request, told % {"most": MOST})
        return see_other(_list(admin))
    if not products:
        messages.warning(request, _("Tick the products first, then choose “Change together”."))
        return see_other(_list(admin))
    form = TogetherForm(request.POST) if request.method == "POST" else TogetherForm()
    if request.method != "POST":
        return _shown(admin, request, products, form)
    if not form.is_valid():
        return _shown(admin, request, products, form, status=422)
    if "save" not in request.POST:
        return _looked(admin, request, products, form)
    try:
        said = _done(request, products, form)
    except (ChangedMeanwhile, signing.BadSignature):
        problem = _("This is not what you looked at any more. Nothing changed; this is what would happen now.")
        return _looked(admin, request, products, form, problem=problem, status=409)
    messages.success(request, said)
    return see_other(_list(admin))


def _looked(
    admin: ProductAdmin, request: HttpRequest, products: list[Product], form: TogetherForm, **more: Any
) -> HttpResponse:
    look = _look(products, form)
    seal = signing.dumps([_asked(form), look.seen], salt=_SALT, compress=True)
    conflicts: list[str] = []
    if more:
        try:
            conflicts = look.conflicts(_opened(request, form))
        except signing.BadSignature:
            conflicts = []
    return _shown(admin, request, products, form, look=look, seen=seal, conflicts=conflicts, **more)


def _opened(request: HttpRequest, form: TogetherForm) -> Seen:
    """Return what the page showed before it was sent.  Raises signing.BadSignature, also for another change."""
    asked, seen = signing.loads(request.POST.get("seen", ""), salt=_SALT)
    if asked != _asked(form):
        raise signing.BadSignature("looked at another change")
    found: Seen = seen
    return found


def _asked(form: TogetherForm) -> list[str]:
    """Return the change in words of the form: what was looked at is what is done, not what was typed since."""
    told = form.cleaned_data
    category = told.get("category")
    return [told["what"], str(told.get("percent")), str(told.get("step")), str(category.pk if category else "")]


def _look(products: list[Product], form: TogetherForm) -> _Look:
    what = form.cleaned_data["what"]
    if what == "prices":
        return _look_at_prices(products, form)
    if what == "move":
        return _look_at_shelves(products, form.cleaned_data["category"])
    return _look_at_sale(products, then=what == "publish")


def _look_at_prices(products: list[Product], form: TogetherForm) -> _Look:
    ids = [product.pk for product in products]
    found = new_prices(ids, percent=form.cleaned_data["percent"], step=form.cleaned_data["step"])
    rows = [
        _Row(
            price.sku,
            _money(price.old_minor, price.currency),
            _money(price.new_minor, price.currency),
            _("stays: it is sold as reduced")
            if price.reduced
            else _("stays")
            if price.old_minor == price.new_minor
            else "",
        )
        for price in found
    ]
    return _Look(rows, {price.sku: price.old_minor for price in found}, {price.sku: price.sku for price in found})


def _look_at_sale(products: list[Product], *, then: bool) -> _Look:
    words = {0: _("not on sale"), 1: _("on sale")}
    rows = [
        _Row(product.name, words[product.published], words[then], _("stays") if product.published == then else "")
        for product in products
    ]
    seen = {str(product.pk): int(product.published) for product in products}
    return _Look(rows, seen, {str(product.pk): product.name for product in products}, words)


def _look_at_shelves(products: list[Product], category: Category) -> _Look:
    words = {product.category_id: str(product.category) for product in products} | {category.pk: str(category)}
    rows = [
        _Row(
            product.name,
            words[product.category_id],
            words[category.pk],
            _("stays") if product.category_id == category.pk else "",
        )
        for product in products
    ]
    seen = {str(product.pk): product.category_id for product in products}
    return _Look(rows, seen, {str(product.pk): product.name for product in products}, words)


def _done(request: HttpRequest, products: list[Product], form: TogetherForm) -> str:
    """Do what was looked at and say how much changed.  Raises ChangedMeanwhile, signing.BadSignature."""
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    told, seen = form.cleaned_data, _opened(request, form)
    who: dict[str, Any] = {
        "product_ids": [product.pk for product in products], "by": request.user, "at": timezone.now()
    }  # fmt: skip
    if told["what"] == "prices":
        count = change_prices(percent=told["percent"], step=told["step"], seen=seen, **who)
        return ngettext("%(count)d price is new.", "%(count)d prices are new.", count) % {"count": count}
    if told["what"] == "move":
        count = move_together(category=told["category"], seen={int(pk): shelf for pk, shelf in seen.items()}, **who)
    else:
        published = {int(pk): bool(on_sale) for pk, on_sale in seen.items()}
        count = publish_together(published=told["what"] == "publish", seen=published, **who)
    return ngettext("%(count)d product changed.", "%(count)d products changed.", count) % {"count": count}


def _money(minor: int, currency: str | None = None) -> str:
    return wording.money(Money(minor, currency or settings.SHOP_CURRENCY), get_language() or "en")


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
        "most": MOST,
        "form": form,
        **more,
    }
    return TemplateResponse(request, "admin/shop/product/together.html", context, status=status)
