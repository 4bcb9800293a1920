"""Stock counts in the admin: a list to walk along with, the differences, and the button that books them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, see_other
from shop.models import StockCount, StockCountLine, User
from shop.operations import counting
from shop.queries.stock import count_sheet
from shop.rules import wording
from shop.rules.money import Money

_CLOSED = gettext_lazy("This count is booked already or was dropped. Nothing was changed.")
MOST = 100_000  # pieces anybody believes to lie on one shelf


def book(press: Pressed[StockCount]) -> str:
    """Book the differences; lines that would take promised pieces stay open."""
    left = counting.book_count(count_id=press.row.pk, by=press.by, at=press.at)
    if not left:
        return _("The differences are booked; the books say what lies there.")
    names = ", ".join(row.level.variant.sku for row in left)
    return ngettext(
        "Booked, except for %(names)s: pieces promised to orders would be gone. Look at it below and decide whose.",
        "Booked, except for %(names)s: pieces promised to orders would be gone. Look at them below and decide whose.",
        len(left),
    ) % {"names": names}


def drop(press: Pressed[StockCount]) -> str:
    """End the count without booking."""
    counting.drop_count(count_id=press.row.pk, by=press.by, at=press.at)
    return _("The count is dropped; what was booked before stays.")


def _open(count: StockCount) -> bool:
    return count.state == StockCount.State.OPEN


@admin.register(StockCount)
class StockCountAdmin(OperationButtons, ReadOnlyAdmin):
    """Counts of the shelves."""

    list_display = ("started_at", "location", "category", "state", "started_by", "closed_at")
    list_select_related = ("location", "category", "started_by")
    list_filter = ("state", "location")
    ordering = ("-id",)
    fields = ("location", "category", "state", "started_by", "started_at", "closed_at")
    change_form_template = "admin/shop/stockcount/change_form.html"
    buttons = (
        Button(
            "book",
            gettext_lazy("Book the differences"),
            "shop.book_stockcount",
            call=book,
            shown=_open,
            refusals={counting.CountClosed: _CLOSED},
        ),
        Button(
            "drop",
            gettext_lazy("Drop this count"),
            "shop.book_stockcount",
            call=drop,
            shown=_open,
            refusals={counting.CountClosed: _CLOSED},
            danger=True,
        ),
    )

    class Media:
        css = {"all": ("css/pages/desk.css",)}

    def get_urls(self) -> list[URLPattern]:
        """Give the list to count along an address of its own."""
        sheet = path(
            "<path:object_id>/sheet/", self.admin_site.admin_view(self.sheet_view), name="shop_stockcount_sheet"
        )
        return [sheet, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Let those begin who look after the shelves."""
        return request.user.has_perm("shop.add_stockcount")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask where, and of what."""
        return self.fields if obj else ("location", "category")

    def save_model(self, request: HttpRequest, obj: StockCount, form: Any, change: bool) -> None:
        """Begin through the operation."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        obj.started_at = timezone.now()
        try:
            begun = counting.start_count(
                location_id=obj.location_id, category_id=obj.category_id, by=request.user, at=obj.started_at
            )
        except counting.NothingToCount:
            self.message_user(request, _("No shelf there holds such things, so there is nothing to count."), "ERROR")
        else:
            obj.pk = begun.pk

    def response_add(self, request: HttpRequest, obj: StockCount, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the list to count along; without one, back to the form."""
        if obj.pk is None:
            return see_other(reverse("admin:shop_stockcount_add"))
        return see_other(reverse("admin:shop_stockcount_change", args=[obj.pk]))

    def log_addition(self, request: HttpRequest, obj: StockCount, message: Any) -> Any:
        """Keep Django's own log out: the event says who began."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the shelves with what was written down and by how much it differs."""
        count = self.get_object(request, unquote(object_id))
        more: dict[str, Any] = {}
        if isinstance(count, StockCount):
            rows = [_row(line) for line in count_sheet(count.pk)]
            counting_on = count.state == StockCount.State.OPEN and request.user.has_perm("shop.add_stockcount")
            more = {"rows": rows, "counting_on": counting_on, "subtitle": str(count)}
        return super().change_view(request, object_id, form_url, more | (extra_context or {}))

    def sheet_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write down what was counted.  Raises PermissionDenied, Http404."""
        if not request.user.has_perm("shop.add_stockcount") or not self.has_view_permission(request):
            raise PermissionDenied
        count = self.get_object(request, unquote(object_id))
        if not isinstance(count, StockCount):
            raise Http404
        back = reverse("admin:shop_stockcount_change", args=[object_id])
        if request.method == "POST":
            self._write_down(request, count)
            return see_other(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sheet to count along"),
            "subtitle": str(count),
            "opts": self.opts,
            "rows": [_row(line) for line in count_sheet(count.pk)],
            "back": back,
        }
        return TemplateResponse(request, "admin/shop/stockcount/sheet.html", context)

    def _write_down(self, request: HttpRequest, count: StockCount) -> None:
        assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
        counted, odd = _numbers(request.POST)
        try:
            new = counting.write_down(count_id=count.pk, counted=counted, by=request.user, at=timezone.now())
        except counting.CountClosed:
            messages.error(request, str(_CLOSED))
            return
        if odd:
            told = {"values": ", ".join(odd[:5]), "most": MOST}
            messages.error(request, _("%(values)s: enter whole numbers from 0 to %(most)d.") % told)
        said = ngettext("%(n)d shelf is written down.", "%(n)d shelves are written down.", new) % {"n": new}
        messages.success(request, said)


def _numbers(data: Mapping[str, Any]) -> tuple[dict[int, int], list[str]]:
    """Return the counted pieces by line id, and what cannot be a number of pieces."""
    counted, odd = {}, []
    for name, typed in data.items():
        line_id, text = name.removeprefix("line-"), str(typed).strip()
        if name == f"line-{line_id}" and line_id.isdecimal() and text:
            if text.isascii() and text.isdecimal() and int(text) <= MOST:
                counted[int(line_id)] = int(text)
            else:
                odd.append(text[:20])
    return counted, odd


def _row(line: StockCountLine) -> dict[str, Any]:
    variant = line.level.variant
    worth = Money(line.difference * variant.price_minor, variant.currency)
    short = line.booked_at is None and line.difference < 0 and line.level.available + line.difference < 0
    return {
        "line": line,
        "sku": variant.sku,
        "what": f"{variant.product.name} {variant.label}".strip(),
        "difference": f"{line.difference:+d}" if line.difference else "",
        "worth": wording.money(worth, get_language() or "en") if line.difference else "",
        "take": _take_url(line) if short else "",
    }


def _take_url(line: StockCountLine) -> str:
    """Return where somebody decides whose promised pieces are missing; the orders app lists them."""
    asked: dict[str, str | int] = {
        "act": "count-line",
        "pieces": -line.difference,
        "key": line.pk,
        "reason": f"stock count {line.stock_count_id}",
    }
    return f"{reverse('admin:orders_unavailability_take', args=[line.level_id])}?{urlencode(asked)}"
