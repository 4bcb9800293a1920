"""The promise: an accountable record.  Versions are never changed, only superseded; the first one is kept for ever.

Source: commerce reference d.5, delivery reference 1.2.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Promise(models.Model):
    """What we said about one order's arrival, when, and from what we computed it."""

    class Source(models.TextChoices):
        """What made us say it."""

        CHECKOUT = "checkout", _("checkout")
        COURIER = "courier", _("news from the courier")
        WATCH = "watch", _("our own watch")
        STAFF = "staff", _("staff")
        SHOPPER = "shopper", _("the shopper chose")

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="promises")
    version = models.PositiveSmallIntegerField(_("version"))
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    deliver_from_on = models.DateField(_("arrives from"))
    deliver_by_on = models.DateField(_("arrives by"))
    starts_on = models.DateField(_("we start on"))
    pack_by_at = models.DateTimeField(_("packed by"))
    hand_over_by_at = models.DateTimeField(_("handed over by"))
    breaks_at = models.DateTimeField(_("broken after"), help_text=_("The end of the promised day at the destination."))
    basis = models.JSONField(_("computed from"))
    reason = models.CharField(_("reason the shopper reads"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("made at"))
    told_at = models.DateTimeField(_("told at"), null=True)

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints = [
            models.UniqueConstraint(fields=["order", "version"], name="promise_version_once"),
            models.CheckConstraint(condition=Q(deliver_from_on__lte=F("deliver_by_on")), name="promise_range"),
        ]
        indexes = [models.Index(fields=["starts_on"], condition=Q(version=1), name="promise_starts")]

    def __str__(self) -> str:
        return f"v{self.version} {self.deliver_from_on} - {self.deliver_by_on}"


class DelayCase(models.Model):
    """A promise that will not hold: why, what we say now, and since when we know.  One a round, never two."""

    class Cause(models.TextChoices):
        """What went wrong, in groups a report can count."""

        WORKSHOP = "workshop", _("we were slower than planned")
        PAYMENT = "payment", _("the payment came later")
        CARRIER = "carrier", _("the courier")
        WEATHER = "weather", _("weather or roads")
        ADDRESS = "address", _("the address")
        SILENCE = "silence", _("no news of the parcel")
        CLOSURE = "closure", _("a day that closed later")

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="delays")
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    reason = models.CharField(_("reason the shopper reads"), max_length=300)
    broken_promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="+")
    new_promise = models.OneToOneField(Promise, on_delete=models.PROTECT, related_name="delay")
    noticed_at = models.DateTimeField(_("noticed at"))
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")
        constraints = [models.UniqueConstraint(fields=["order", "round"], name="delay_round_once")]

    def __str__(self) -> str:
        return f"{self.cause} ({self.round})"
