"""Calendars in the admin: hours, cut-offs and days that differ, each change a new version."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from shop.admin.base import RowsInline
from shop.admin.catalogue import EditAdmin
from shop.models import BusinessCalendar, CalendarException, OpeningInterval, User, WeekdayCutoff
from shop.operations.calendars import note_calendar_changed

SHOWN_AFTERWARDS = timedelta(days=30)


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
    """Days that differ.  What staff enter wins over the public holidays."""

    model = CalendarException
    extra = 0
    ordering = ("first_on", "id")
    readonly_fields = ("source",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarException]:
        """Leave out days that are long over: they change no promise any more, and the page stays short."""
        rows: QuerySet[CalendarException] = super().get_queryset(request)
        return rows.filter(last_on__gte=timezone.localdate() - SHOWN_AFTERWARDS)


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(EditAdmin):
    """One calendar with everything that makes its days."""

    list_display = ("name", "kind", "time_zone", "capacity_per_day", "version")
    list_filter = ("kind",)
    search_fields = ("name", "code")
    ordering = ("kind", "code", "id")
    readonly_fields = ("version",)
    inlines = (OpeningIntervalInline, WeekdayCutoffInline, CalendarExceptionInline)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the days and raise the version, in the admin's own transaction."""
        super().save_related(request, form, formsets, change)
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            note_calendar_changed(calendar_id=form.instance.pk, by=request.user, at=timezone.now())
