"""Crises: described once, told to every open order they concern, and ended with a word.

`Incident` is what staff write on; pressing a button freezes it as a version, which never changes.  For each version
and order there is one notice: the reason nobody is told twice.  Source: delivery reference 1.2; commerce c-10, A1.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Facts(models.Model):
    """What a crisis is, on the draft and frozen in each version."""

    class Hits(models.TextChoices):
        """Which part of the way it slows down."""

        WORKSHOP = "workshop", _("the work before the hand-over")
        ROAD = "road", _("the road to the shopper")

    hits = models.CharField(_("what it slows down"), max_length=8, choices=Hits.choices, default=Hits.ROAD)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, as far as we know"))
    extra_days = models.PositiveSmallIntegerField(
        _("extra working days"), help_text=_("How much later orders arrive that it concerns. 0: their day stands.")
    )
    public_text = models.CharField(
        _("what shoppers read"),
        max_length=300,
        help_text=_("One or two sentences: what happened, and where. It stands in the mails and on the pages."),
    )
    what_we_do = models.CharField(_("what we do about it"), max_length=500, blank=True)
    in_other_languages = models.JSONField(
        _("the same in other languages"),
        default=dict,
        blank=True,
        help_text=_("Who reads another language reads this; where it is empty, what stands above."),
    )
    longer = models.BooleanField(
        _("promise new orders later, too"), default=True, help_text=_("By the same extra days, as long as it lasts.")
    )
    places = models.PositiveSmallIntegerField(
        _("orders a day at most"),
        null=True,
        blank=True,
        help_text=_("Empty: as the workshop's calendar says. 0: nobody starts an order on these days."),
    )
    review_at = models.DateTimeField(
        _("look again at"), help_text=_("Somebody is asked to look; what nobody looks at ends by itself.")
    )

    class Meta:
        abstract = True

    def said_in(self, language: str) -> tuple[str, str]:
        """Return what shoppers read and what we do, in a language where staff wrote it, else in the shop's own."""
        own = self.in_other_languages.get(language, {})
        return own.get("public_text") or self.public_text, own.get("what_we_do") or self.what_we_do


class Incident(Facts):
    """One crisis, as staff describe it."""

    class State(models.TextChoices):
        """Where it is."""

        DRAFT = "draft", _("not told yet")
        DECLARED = "declared", _("declared")
        OVER = "over", _("over")

    name = models.CharField(_("name, for staff"), max_length=80)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT, editable=False)
    countries = ArrayField(
        models.CharField(max_length=2),
        verbose_name=_("countries"),
        default=list,
        blank=True,
        help_text=_("Two letters each, such as PT, ES."),
    )
    regions = ArrayField(models.CharField(max_length=80), verbose_name=_("regions"), default=list, blank=True)
    postcodes = ArrayField(
        models.CharField(max_length=16),
        verbose_name=_("postcodes that begin with"),
        default=list,
        blank=True,
        help_text=_("Such as 80, 8601."),
    )
    couriers = ArrayField(models.CharField(max_length=40), verbose_name=_("couriers"), default=list, blank=True)
    services = models.ManyToManyField(
        "orders.ServiceLevel", verbose_name=_("delivery services"), blank=True, related_name="+"
    )
    workshops = models.ManyToManyField("orders.Workshop", verbose_name=_("workshops"), blank=True, related_name="+")
    products = models.ManyToManyField("shop.Product", verbose_name=_("products"), blank=True, related_name="+")
    described_at = models.DateTimeField(_("described at"), auto_now_add=True)
    declared_at = models.DateTimeField(_("declared at"), null=True, editable=False)
    over_at = models.DateTimeField(_("over since"), null=True, editable=False)

    class Meta:
        verbose_name = _("crisis")
        verbose_name_plural = _("crises")
        permissions = [("declare_incident", _("Can declare a crisis, tell news of it and end it"))]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="incident_span"),
            models.CheckConstraint(
                condition=Q(state="draft", declared_at__isnull=True)
                | (~Q(state="draft") & Q(declared_at__isnull=False)),
                name="incident_declared_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="over", over_at__isnull=False) | (~Q(state="over") & Q(over_at__isnull=True)),
                name="incident_over_has_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["review_at"], condition=Q(state="declared"), name="incident_to_look_at")]

    def __str__(self) -> str:
        return self.name


class IncidentVersion(Facts):
    """What was told about a crisis from one moment on; append-only but for how far the telling came.

    `cursor` is the last order looked at, `behind` the smallest one somebody else held then; `pass_at` is when the next
    look at all orders begins, None once a newer version took over.
    """

    class Kind(models.TextChoices):
        """What was pressed."""

        DECLARED = "declared", _("declared")
        UPDATED = "updated", _("news")
        OVER = "over", _("all clear")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name, for staff"), max_length=80)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    regions = ArrayField(models.CharField(max_length=80), default=list)
    postcodes = ArrayField(models.CharField(max_length=16), default=list)
    couriers = ArrayField(models.CharField(max_length=40), default=list)
    service_ids = ArrayField(models.BigIntegerField(), default=list)
    workshop_ids = ArrayField(models.BigIntegerField(), default=list)
    product_ids = ArrayField(models.BigIntegerField(), default=list)
    current = models.BooleanField(_("holds"), default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("told at"))
    cursor = models.BigIntegerField(default=0)
    behind = models.BigIntegerField(null=True)
    pass_at = models.DateTimeField(_("next look at all orders"), null=True)
    told_all_at = models.DateTimeField(_("everybody was told at"), null=True)

    class Meta:
        verbose_name = _("version of a crisis")
        verbose_name_plural = _("versions of crises")
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="incident_version_once"),
            models.UniqueConstraint(fields=["incident"], condition=Q(current=True), name="incident_one_holds"),
        ]
        indexes = [
            models.Index(fields=["pass_at", "id"], condition=Q(pass_at__isnull=False), name="incident_to_tell"),
            models.Index(fields=["ends_on"], condition=Q(current=True) & ~Q(kind="over"), name="incident_on_pages"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.number}"


class IncidentNotice(models.Model):
    """What became of one order for one version: told once, or the reason why not."""

    class Outcome(models.TextChoices):
        """What was done."""

        TOLD = "told", _("told")
        KNEW = "knew", _("knew it when she ordered")
        SAME = "same", _("nothing new for her")
        OUTSIDE = "outside", _("her way does not lie in these days")

    version = models.ForeignKey(IncidentVersion, on_delete=models.PROTECT, related_name="notices")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="incident_notices")
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    base = models.ForeignKey(
        "orders.Promise", on_delete=models.PROTECT, null=True, related_name="+", help_text=_("What held before it.")
    )
    promise = models.ForeignKey("orders.Promise", on_delete=models.PROTECT, null=True, related_name="+")
    counted_on = models.DateField(_("counted from"))
    facts = models.CharField(_("what it says (hashed)"), max_length=64, blank=True)
    event = models.OneToOneField("shop.Event", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("notice of a crisis")
        verbose_name_plural = _("notices of crises")
        constraints = [
            models.UniqueConstraint(fields=["order", "version"], name="incident_told_once"),
            models.CheckConstraint(
                condition=Q(outcome="told", event__isnull=False) | (~Q(outcome="told") & Q(event__isnull=True)),
                name="incident_told_by_an_event",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.outcome}"
