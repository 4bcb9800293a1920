"""Faults of ours, each regretted once, and what goes with the regret as long as the month's budget lasts.

A gesture is store credit: it costs what it says, runs out by itself and is spent with a code, without an account.
Source: issue of the one voice (regret with a gesture within budget); commerce reference 6.8, playbook 17; delivery
reference 1.9 (6).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class FaultKind(models.TextChoices):
    """What went wrong, as a policy and a letter name it."""

    LATE = "late", _("arrived later than we first said")
    CRISIS = "crisis", _("arrived later than we first said, because of a crisis")
    PIECE = "piece", _("a wrong or damaged piece")
    MISSING = "missing", _("a piece that was not there")


class GesturePolicy(models.Model):
    """What goes with the regret for one kind of fault; of several the one with the most days that fits counts."""

    kind = models.CharField(_("for"), max_length=8, choices=FaultKind.choices)
    from_days = models.PositiveSmallIntegerField(
        _("from so many days late"), default=0, help_text=_("Counted for what arrived late; 0 for everything else.")
    )
    amount_minor = models.PositiveIntegerField(
        _("amount (minor units)"), null=True, blank=True, help_text=_("500 is 5.00. Give an amount or a share.")
    )
    percent_bp = models.PositiveIntegerField(
        _("share of the order (basis points)"), null=True, blank=True, help_text=_("500 is 5 %, down to the cent."),
        validators=[MaxValueValidator(10_000)],
    )  # fmt: skip
    minimum_minor = models.PositiveIntegerField(
        _("from orders worth (minor units)"), default=0, help_text=_("Below it the letter goes without a gesture.")
    )
    valid_days = models.PositiveSmallIntegerField(
        _("can be spent for (days)"), default=365, validators=[MinValueValidator(1)]
    )
    active = models.BooleanField(_("given"), default=True)

    class Meta:
        verbose_name = _("gesture for a fault")
        verbose_name_plural = _("gestures for faults")
        constraints = [
            models.UniqueConstraint(fields=["kind", "from_days"], name="gesture_policy_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=1, percent_bp__isnull=True)
                | Q(amount_minor__isnull=True, percent_bp__gte=1, percent_bp__lte=10_000),
                name="gesture_is_an_amount_or_a_share",
            ),
            models.CheckConstraint(condition=Q(valid_days__gte=1), name="gesture_can_be_spent"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class GestureBudget(models.Model):
    """How much may be given in one month, in the shop's currency, and what is.  One guarded UPDATE takes from it."""

    month_on = models.DateField(_("month"), unique=True, help_text=_("Its first day."))
    budget_minor = models.PositiveIntegerField(_("budget (minor units)"), help_text=_("20000 is 200.00."))
    spent_minor = models.PositiveIntegerField(_("given (minor units)"), default=0, editable=False)

    class Meta:
        verbose_name = _("budget for gestures")
        verbose_name_plural = _("budgets for gestures")
        constraints = [
            models.CheckConstraint(condition=Q(spent_minor__lte=F("budget_minor")), name="gestures_within_budget"),
            models.CheckConstraint(condition=Q(month_on__day=1), name="gesture_budget_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m}"


class Fault(models.Model):
    """Something we did wrong with one order, found once: due until its letter is written or left out."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("to be written")
        REGRETTED = "regretted", _("regretted")
        LEFT_OUT = "left_out", _("left out")

    class Why(models.TextChoices):
        """Why nothing was written, or why the letter had no gesture with it."""

        NONE = "", _("nothing to say")
        ERASED = "erased", _("her data was erased")
        AGENT = "agent", _("somebody gave her something for it already")
        TALKING = "talking", _("we spoke about it for too long")
        BY_STAFF = "by_staff", _("not our fault, somebody said")
        BUDGET = "budget", _("the month's budget was gone")
        POLICY = "policy", _("nothing is given for it")
        GUARANTEE = "guarantee", _("the delivery fee went back for it")

    key = models.CharField(_("which fault"), max_length=60, unique=True)
    kind = models.CharField(_("what went wrong"), max_length=8, choices=FaultKind.choices)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="faults")
    days_late = models.PositiveSmallIntegerField(_("days late"), default=0)
    parcels = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("in which parcels"),
        default=list,
        help_text=_("Their numbers, of wrong or damaged pieces: what is said of one of them again is the same fault."),
    )
    found_at = models.DateTimeField(_("found at"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    why = models.CharField(_("why not"), max_length=9, choices=Why.choices, blank=True)
    due_at = models.DateTimeField(_("looked at again at"), null=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("fault of ours")
        verbose_name_plural = _("faults of ours")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", due_at__isnull=False, settled_at__isnull=True)
                | (~Q(state="waiting") & Q(due_at__isnull=True, settled_at__isnull=False)),
                name="fault_waits_or_is_settled",
            ),
            models.CheckConstraint(condition=~Q(state="left_out") | ~Q(why=""), name="fault_left_out_for_a_reason"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="fault_due"),
            models.Index(fields=["settled_at"], condition=Q(why="budget"), name="fault_without_budget"),
        ]

    def __str__(self) -> str:
        return self.key


class Gesture(models.Model):
    """What was given for a fault, once, out of which month's budget.  Never changed, never deleted."""

    fault = models.OneToOneField(Fault, on_delete=models.PROTECT, related_name="gesture")
    budget = models.ForeignKey(GestureBudget, on_delete=models.PROTECT, related_name="gestures")
    amount_minor = models.PositiveIntegerField(_("amount (minor units)"))
    entry = models.OneToOneField("orders.CreditEntry", on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(_("given at"))

    class Meta:
        verbose_name = _("gesture")
        verbose_name_plural = _("gestures")
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gte=1), name="gesture_gives_something")]

    def __str__(self) -> str:
        return f"gesture {self.pk}"
