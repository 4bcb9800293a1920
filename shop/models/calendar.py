"""Calendars as data: when the workshop works, the carrier drives, a region receives and the support desk answers.

Four different calendars, never one shared.  Every change raises `version`; a promise keeps the versions it was made
with.  Source: delivery reference 1.2, commerce reference d.5.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class BusinessCalendar(models.Model):
    """One calendar with its own clock."""

    class Kind(models.TextChoices):
        """Whose days it counts."""

        WORKSHOP = "workshop", _("workshop")
        CARRIER = "carrier", _("carrier")
        DESTINATION = "destination", _("destination")
        SUPPORT = "support", _("support desk")

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    time_zone = models.CharField(_("time zone"), max_length=64)
    country = models.CharField(_("country"), max_length=2, blank=True)
    subdivision = models.CharField(
        _("subdivision"), max_length=10, blank=True, help_text=_("A state or region with holidays of its own, like 13.")
    )
    holiday_categories = models.JSONField(
        _("kinds of holidays"),
        default=list,
        blank=True,
        help_text=_("Which kinds the holiday library brings; none: public ones alone. Carnival is often optional."),
    )
    capacity_per_day = models.PositiveIntegerField(
        _("orders a day"), null=True, blank=True, help_text=_("Empty means no limit.")
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return self.name


WEEKDAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class OpeningInterval(models.Model):
    """Open from `opens` to `closes` on one weekday, on the calendar's own clock; several a day are fine."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="intervals")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="interval_opens_before_it_closes"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="interval_weekday"),
            models.UniqueConstraint(fields=["calendar", "weekday", "opens"], name="interval_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"


class WeekdayCutoff(models.Model):
    """Orders placed strictly before `cutoff` on that weekday are started the same day."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="cutoffs")
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)
    cutoff = models.TimeField(_("cut-off"))

    class Meta:
        verbose_name = _("cut-off")
        verbose_name_plural = _("cut-offs")
        constraints = [models.UniqueConstraint(fields=["calendar", "weekday"], name="cutoff_once")]

    def __str__(self) -> str:
        return f"{self.weekday} {self.cutoff}"


class CalendarException(models.Model):
    """Days that differ from the week: a holiday, the maker's leave, an open Saturday before Christmas."""

    class Kind(models.TextChoices):
        """What differs."""

        CLOSED = "closed", _("closed")
        OPEN = "open", _("open")

    class Source(models.TextChoices):
        """Who said so."""

        LIBRARY = "library", _("public holidays")
        STAFF = "staff", _("staff")

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="exceptions")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.CLOSED)
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    cutoff = models.TimeField(_("cut-off"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("orders that day"), null=True, blank=True)
    public_reason = models.CharField(_("reason shoppers read"), max_length=120)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.STAFF)
    category = models.CharField(_("kind of holiday"), max_length=20, blank=True)
    applies = models.BooleanField(_("counts"), default=True, help_text=_("Off: the day is like any other."))

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        constraints = [
            models.CheckConstraint(condition=Q(first_on__lte=F("last_on")), name="exception_range"),
            models.CheckConstraint(
                condition=Q(kind="closed") | Q(opens__isnull=False, closes__isnull=False, opens__lt=F("closes")),
                name="exception_open_has_hours",
            ),
            models.UniqueConstraint(fields=["calendar", "first_on", "source"], name="exception_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_on} {self.public_reason}"


class CalendarVersion(models.Model):
    """What a calendar said in one of its versions, who made it so and when.  Never changed, never deleted.

    A promise keeps the versions it was made with; here they can be read years later.
    """

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    facts = models.JSONField(_("what it said"), help_text=_("Hours, cut-offs, days and capacity, in ISO text."))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar version")
        verbose_name_plural = _("calendar versions")
        constraints = [models.UniqueConstraint(fields=["calendar", "version"], name="calendar_version_once")]

    def __str__(self) -> str:
        return f"{self.calendar_id} v{self.version}"
