"""The promise: an accountable record.  Versions are never changed, only superseded; the first one is kept for ever.

Source: commerce reference d.5, delivery reference 1.2.
"""

from __future__ import annotations

from django.conf import settings
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
        CUSTOMER = "customer", _("the shopper's own wish")
        ETA = "eta", _("news within the promise")
        INCIDENT = "incident", _("a crisis")

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
        INCIDENT = "incident", _("a crisis")
        GOODS = "goods", _("goods came in later")

    class Decision(models.TextChoices):
        """What the shopper chose."""

        KEEP = "keep", _("waits for it")
        SPLIT = "split", _("takes what is ready now")
        CHANGE = "change", _("changed where or when it comes")
        SWAP = "swap", _("takes something else instead")
        CANCEL = "cancel", _("cancelled it")

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="delays")
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    reason = models.CharField(_("reason the shopper reads"), max_length=300)
    broken_promise = models.ForeignKey(Promise, on_delete=models.PROTECT, related_name="+")
    new_promise = models.OneToOneField(Promise, on_delete=models.PROTECT, related_name="delay")
    noticed_at = models.DateTimeField(_("noticed at"))
    decide_by_at = models.DateTimeField(
        _("her word is needed by"), null=True, help_text=_("Set when silence is no consent: from the second delay on.")
    )
    word_missed_at = models.DateTimeField(_("no word came, noticed at"), null=True)
    decision = models.CharField(_("what she chose"), max_length=8, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("chosen at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("noted by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("Empty: she chose it herself."),
    )
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("delay")
        verbose_name_plural = _("delays")
        permissions = [("note_decision", _("Can note what a shopper chose about a delay"))]
        constraints = [
            models.UniqueConstraint(fields=["order", "round"], name="delay_round_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="decision_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["decide_by_at", "id"],
                condition=Q(decision="", settled_at__isnull=True, word_missed_at__isnull=True),
                name="delay_needs_a_word",
            )
        ]

    def __str__(self) -> str:
        return f"{self.cause} ({self.round})"

    @property
    def open(self) -> bool:
        """Say whether she can still choose."""
        return not self.decision and self.settled_at is None


class PromiseOutcome(models.Model):
    """How an order did against what it was promised: the first promise, and the last one that was told.

    Written once, when everything sold has arrived; on time is always the first promise's.
    """

    class Stage(models.TextChoices):
        """Where the time was lost."""

        WORKSHOP = "workshop", _("before the hand-over")
        ROAD = "road", _("on the road")

    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="outcome")
    delivered_at = models.DateTimeField(_("delivered at"), db_index=True)
    promised_by_on = models.DateField(_("first promised by"))
    told_by_on = models.DateField(_("last told by"))
    kept_first = models.BooleanField(_("kept the first promise"))
    kept_told = models.BooleanField(_("kept the last promise that was told"))
    late_days = models.PositiveSmallIntegerField(_("days late against the first"), default=0)
    late_days_told = models.PositiveSmallIntegerField(_("days late against the last told"), default=0)
    told_in_time = models.BooleanField(_("told before the first promise was broken"), default=True)
    country = models.CharField(_("country"), max_length=2)
    service = models.ForeignKey("orders.ServiceLevel", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(_("where time was lost"), max_length=8, choices=Stage.choices, blank=True)
    cause = models.CharField(_("cause"), max_length=10, choices=DelayCase.Cause.choices, blank=True)
    level_bp = models.PositiveSmallIntegerField(
        _("promised probability (basis points)"), null=True, help_text=_("Empty: the promise names none.")
    )

    class Meta:
        verbose_name = _("outcome of a promise")
        verbose_name_plural = _("outcomes of promises")
        permissions = [("view_board", _("Can see the board of promises"))]
        constraints = [
            models.CheckConstraint(condition=Q(kept_first=True) | Q(late_days__gte=1), name="late_has_days"),
            models.CheckConstraint(condition=Q(kept_first=True) | ~Q(stage=""), name="late_has_a_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {'kept' if self.kept_first else 'late'}"
