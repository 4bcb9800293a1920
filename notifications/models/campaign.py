"""Groups of customers as saved filters, and campaigns: a group, a message, a schedule, a share a day.

A group holds no names: who belongs to it is asked anew each time, among those who agreed to hear news of the shop.
Source: issue of the one voice (customer groups as saved filters; campaigns); reliability reference T29.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class CustomerGroup(models.Model):
    """Who is meant: all of what is filled in must be true of her.  An empty field asks for nothing."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    ordered_within_days = models.PositiveSmallIntegerField(
        _("ordered in the last (days)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    quiet_for_days = models.PositiveSmallIntegerField(
        _("has ordered, but not for (days)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    spent_at_least_minor = models.PositiveIntegerField(
        _("ordered for at least (minor units)"), null=True, blank=True, help_text=_("All her orders: 20000 is 200.00.")
    )
    bought_category = models.ForeignKey(
        "shop.Category", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("bought something of the category"),
    )  # fmt: skip
    bought_product = models.ForeignKey(
        "shop.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bought")
    )
    country = models.CharField(
        _("had something sent to (country)"), max_length=2, blank=True, help_text=_("Two letters: PT"),
        validators=[RegexValidator("^[A-Z]{2}$", _("Two capital letters, such as PT."))],
    )  # fmt: skip
    language = models.CharField(_("reads"), max_length=10, blank=True)
    birthday_month = models.PositiveSmallIntegerField(
        _("has her birthday in (month)"), null=True, blank=True, help_text=_("1 to 12; only whose account knows it."),
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )  # fmt: skip
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")
        constraints = [
            models.CheckConstraint(
                condition=Q(birthday_month__isnull=True) | Q(birthday_month__range=(1, 12)), name="group_month_is_one"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """One message to one group.  `read_up_to` is how far the group was read: whoever dies half-way goes on there."""

    class State(models.TextChoices):
        """Where it is."""

        DRAFT = "draft", _("being prepared")
        RUNNING = "running", _("started")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("all are written to")

    name = models.CharField(_("name"), max_length=80, help_text=_("For us; nobody else reads it."))
    group = models.ForeignKey(
        CustomerGroup, on_delete=models.PROTECT, related_name="campaigns", verbose_name=_("customer group")
    )
    link = models.CharField(
        _("page behind the button"), max_length=200, blank=True,
        help_text=_("A page of ours, such as /c/shirts/. Empty: no button."),
        validators=[RegexValidator(r"^/(?!/)[^\s\\]*$", _("Begin with a single slash: a page of this shop."))],
    )  # fmt: skip
    starts_at = models.DateTimeField(_("begins at"), null=True, blank=True, help_text=_("Empty: when it is started."))
    per_day = models.PositiveIntegerField(
        _("at most so many a day"), default=500, validators=[MinValueValidator(1)],
        help_text=_("Those who are left come the next morning at nine."),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    stopped_at = models.DateTimeField(_("stopped at"), null=True, editable=False)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    due_at = models.DateTimeField(_("goes on at"), null=True, editable=False)
    read_up_to = models.CharField(max_length=254, blank=True, editable=False)
    read_at = models.DateTimeField(_("group read at"), null=True, editable=False)
    told_on = models.DateField(null=True, editable=False)
    told_today = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        permissions = [("start_campaign", _("Can start and stop campaigns"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", due_at__isnull=False) | (~Q(state="running") & Q(due_at__isnull=True)),
                name="campaign_goes_on_while_it_runs",
            ),
            models.CheckConstraint(condition=Q(per_day__gte=1), name="campaign_gets_on"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="campaign_due"),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignText(models.Model):
    """What a campaign says in one language, with flat variables such as {{ first_name }} and nothing else."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="texts")
    locale = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("words of a campaign")
        verbose_name_plural = _("words of campaigns")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "locale"], name="campaign_text_once"),
            models.CheckConstraint(condition=~Q(subject="") & ~Q(text=""), name="campaign_text_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.locale}"


class CampaignRecipient(models.Model):
    """One person a campaign writes to, once: due while there is no event, told when there is."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="recipients")
    address = models.EmailField(_("e-mail address"))
    event = models.OneToOneField("shop.Event", on_delete=models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(_("told at"), null=True)

    class Meta:
        verbose_name = _("recipient of a campaign")
        verbose_name_plural = _("recipients of campaigns")
        constraints = [
            models.UniqueConstraint("campaign", Lower("address"), name="campaign_writes_once"),
            models.CheckConstraint(
                condition=Q(event__isnull=True, told_at__isnull=True) | Q(event__isnull=False, told_at__isnull=False),
                name="recipient_told_by_an_event",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "id"], condition=Q(told_at__isnull=True), name="recipient_waits")]

    def __str__(self) -> str:
        return f"recipient {self.pk}"
