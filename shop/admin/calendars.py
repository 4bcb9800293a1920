"""Calendars in the admin: hours, cut-offs, days that differ; each change is a new version, looked at before it counts.

What staff type is saved, compared, and taken back again unless they have seen whom it touches: preview and save take
one path.  Source: style 14; commerce reference c-1, c-2.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop import calendar_effects
from shop.admin.base import RowsInline
from shop.admin.calendar_words import sentence
from shop.admin.catalogue import EditAdmin
from shop.forms import CalendarForm
from shop.models import BusinessCalendar, CalendarException, OpeningInterval, User, WeekdayCutoff
from shop.operations.calendars import keep_first_version, keep_version
from shop.queries.calendars import facts_of, history_of
from shop.rules.calendar import WorkingCalendar
from shop.rules.calendar_facts import changes, from_json

SHOWN_AFTERWARDS = timedelta(days=30)
SEEN = "seen"  # the button on the page that shows who is touched
WEEKS_SHOWN = 8


class OpeningIntervalInline(RowsInline):
    """The week."""

    model = OpeningInterval
    extra = 0
    ordering = ("weekday", "opens", "id")


class WeekdayCutoffInline(RowsInline):
    """Until when an order starts the same day."""

    model = WeekdayCutoff
    extra = 0
    ordering = ("weekday", "id")


class CalendarExceptionInline(RowsInline):
    """Days that differ.  What staff enter wins over the holidays of the library."""

    model = CalendarException
    extra = 1  # so that a day can be added without JavaScript
    classes = ("collapse",)
    ordering = ("first_on", "id")
    readonly_fields = ("source", "category")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarException]:
        """Leave out days that are long over: they change no promise any more, and the page stays short."""
        rows: QuerySet[CalendarException] = super().get_queryset(request)
        return rows.filter(last_on__gte=timezone.localdate() - SHOWN_AFTERWARDS)


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(EditAdmin):
    """One calendar with everything that makes its days, how it looks, and what was changed when."""

    form = CalendarForm
    list_display = ("name", "kind", "time_zone", "capacity_per_day", "version")
    list_filter = ("kind",)
    search_fields = ("name", "code")
    ordering = ("kind", "code", "id")
    readonly_fields = ("version",)
    inlines = (OpeningIntervalInline, WeekdayCutoffInline, CalendarExceptionInline)
    change_form_template = "admin/shop/businesscalendar/change_form.html"

    class Media:
        css = {"all": ("css/pages/calendar.css",)}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the calendar, or save it; a change that touches open orders is saved once somebody has seen which."""
        if request.method == "POST" and SEEN not in request.POST and self.has_change_permission(request):
            row = self.get_object(request, object_id)
            if row is not None:
                return self._look_first(request, row, form_url)
        context = self._shown(request, object_id) if request.method != "POST" else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def _look_first(self, request: HttpRequest, row: BusinessCalendar, form_url: str) -> HttpResponse:
        """Save, ask who is touched, and take the change back when somebody is."""
        at = timezone.now()
        before = facts_of(row).working_calendar(row.version)
        found = calendar_effects.Effects()
        with transaction.atomic(), _said_later(request) as said:
            response = super().change_view(request, str(row.pk), form_url)
            if response.status_code == 302:
                now = BusinessCalendar.objects.get(pk=row.pk)
                after = facts_of(now).working_calendar(now.version)
                found = calendar_effects.effects(row, before, after, at)
            transaction.set_rollback(found.total > 0)
        if found.total:
            return self._who_is_touched(request, row, found)
        for each in said:
            super().message_user(request, *each)
        return response

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **more: Any) -> None:
        """Say something on the next page, or keep it until it is known whether it is true."""
        said = getattr(request, "said_later", None)
        if said is None:
            super().message_user(request, message, *args, **more)
        else:
            said.append((message, *args))

    def _who_is_touched(
        self, request: HttpRequest, row: BusinessCalendar, found: calendar_effects.Effects
    ) -> HttpResponse:
        typed = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Before this is saved"),
            "subtitle": str(row),
            "opts": self.opts,
            "original": row,
            "effects": found,
            "unseen": found.total - len(found.examples),
            "typed": [(name, value) for name, value in typed if name != "csrfmiddlewaretoken"],
            "seen": SEEN,
        }
        return TemplateResponse(request, "admin/shop/businesscalendar/touched.html", context)

    def _shown(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            return {}
        calendar = facts_of(row).working_calendar(row.version)
        return {"weeks": _weeks(calendar, timezone.now()), "versions": _versions(row)}

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Make a day of the library that staff rewrote theirs; that it does not count leaves it the library's."""
        for each in formset.forms:
            rewritten = set(each.changed_data) - {"applies", "DELETE"}
            if isinstance(each.instance, CalendarException) and each.instance.pk and rewritten:
                each.instance.source, each.instance.category = CalendarException.Source.STAFF, ""
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the days and keep the version, in the admin's own transaction."""
        super().save_related(request, form, formsets, change)
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        at = timezone.now()
        if not change:
            keep_first_version(calendar_id=form.instance.pk, by=request.user, at=at)
        elif form.has_changed() or any(formset.has_changed() for formset in formsets):
            keep_version(calendar_id=form.instance.pk, by=request.user, at=at)


@contextmanager
def _said_later(request: HttpRequest) -> Iterator[list[tuple[Any, ...]]]:
    """Collect what the admin would say about a save that may be taken back."""
    said: list[tuple[Any, ...]] = []
    request.said_later = said  # type: ignore[attr-defined] # read by message_user above
    yield said
    del request.said_later  # type: ignore[attr-defined]


def _weeks(calendar: WorkingCalendar, at: datetime) -> list[list[dict[str, Any]]]:
    """Return the coming weeks, Monday first, each day with what it is like."""
    today = calendar.local_day(at)
    monday = today - timedelta(days=today.weekday())
    return [
        [_day(calendar, monday + timedelta(days=7 * week + day), today) for day in range(7)]
        for week in range(WEEKS_SHOWN)
    ]


def _day(calendar: WorkingCalendar, day: date, today: date) -> dict[str, Any]:
    plan = calendar.plan(day)
    return {
        "on": day,
        "past": day < today,
        "today": day == today,
        "open": calendar.is_open(day),
        "hours": ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in plan.intervals),
        "cutoff": plan.cutoff,
        "capacity": plan.capacity,
        "reason": plan.reason,
    }


def _versions(row: BusinessCalendar) -> list[dict[str, Any]]:
    """Return what changed from version to version, newest first."""
    kept = history_of(row.pk)
    older_ones: list[Any] = [*kept[1:], None]
    return [
        {
            "row": version,
            "says": [sentence(each) for each in changes(from_json(older.facts), from_json(version.facts))]
            or [_("Saved without a change that counts.")]
            if older
            else [_("The first version that was kept.")],
        }
        for version, older in zip(kept, older_ones, strict=False)
    ]
