"""What customers say of a product: fit votes and reviews, and both counted.

Source: commerce reference d.1; delivery reference 3.3; ux reference 2.3, 2.17.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    """How a size fitted."""

    SMALL = "small", _("too small")
    FIT = "fit", _("it fits")
    LARGE = "large", _("too large")


class Area(models.TextChoices):
    """Where a size did not fit."""

    CHEST = "chest", _("chest")
    WAIST = "waist", _("waist")
    HIPS = "hips", _("hips")
    SHOULDERS = "shoulders", _("shoulders")
    LENGTH = "length", _("length")
    SLEEVES = "sleeves", _("sleeves")
    FOOT = "foot", _("foot")


class FitVote(models.Model):
    """One verdict on one size, from a review, a return or an exchange.  `key` makes it count once."""

    class Source(models.TextChoices):
        """Where it comes from."""

        REVIEW = "review", _("review")
        RETURN = "return", _("return")

    key = models.CharField(_("said in"), max_length=60, unique=True, help_text=_("Such as returns.line:12."))
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    variant = models.ForeignKey("shop.Variant", on_delete=models.PROTECT, related_name="fit_votes")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    verdict = models.CharField(_("verdict"), max_length=5, choices=Verdict.choices)
    area = models.CharField(_("where"), max_length=10, choices=Area.choices, blank=True)
    facts = models.JSONField(_("her measures (mm)"), default=dict, help_text=_("Only what she let us use."))
    ordered_on = models.DateField(_("ordered on"))
    voted_at = models.DateTimeField(_("said at"))
    retracted_at = models.DateTimeField(_("taken back at"), null=True)
    learned_at = models.DateTimeField(_("learned at"), null=True)

    class Meta:
        verbose_name = _("fit vote")
        verbose_name_plural = _("fit votes")
        constraints = [
            models.CheckConstraint(condition=~Q(verdict="fit") | Q(area=""), name="fit_vote_fits_everywhere"),
        ]
        indexes = [
            models.Index(fields=["voted_at", "id"], condition=Q(learned_at__isnull=True), name="fit_vote_to_learn")
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.verdict}"


class Voices(models.Model):
    """A product's votes and stars counted, and what its page shows of them: written by recounting, never by hand.

    `fit_by_size` maps a size to [small, fit, large], `areas` an area to the misfits there, `stars` counts one to five.
    `known` is what the fit model knows of this product (shop.rules.fit.Part).
    """

    product = models.OneToOneField("shop.Product", on_delete=models.CASCADE, primary_key=True, related_name="voices")
    fit_small = models.PositiveIntegerField(_("found it small"), default=0)
    fit_fit = models.PositiveIntegerField(_("found it right"), default=0)
    fit_large = models.PositiveIntegerField(_("found it large"), default=0)
    fit_by_size = models.JSONField(_("by size"), default=dict)
    areas = models.JSONField(_("where it did not fit"), default=dict)
    runs = models.CharField(_("runs"), max_length=5, choices=[("small", _("small")), ("large", _("large"))], blank=True)
    reviews = models.PositiveIntegerField(_("reviews"), default=0)
    stars = models.JSONField(_("stars"), default=list)
    shown_reviews = models.JSONField(_("reviews on the page"), default=list)
    questions = models.PositiveIntegerField(_("published questions"), default=0)
    shown_answers = models.JSONField(_("answers on the page"), default=list)
    hints = models.JSONField(_("hints about sizes"), default=list)
    known = models.JSONField(_("what the model knows"), default=dict)
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        verbose_name = _("what customers say")
        verbose_name_plural = _("what customers say")

    def __str__(self) -> str:
        return f"{self.product_id}: {self.reviews}"


class FitKnowledge(models.Model):
    """What the fit model knows beside products: of everything (no customer) and of each customer."""

    customer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="fit_knowledge"
    )
    known = models.JSONField(_("what the model knows"), default=dict)
    refit_at = models.DateTimeField(_("refitted again at"), null=True, help_text=_("Only of the common part."))

    class Meta:
        verbose_name = _("fit knowledge")
        verbose_name_plural = _("fit knowledge")
        constraints = [
            models.UniqueConstraint(fields=["customer"], name="fit_knowledge_common_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id}" if self.customer_id else "common"


class FitAlarm(models.Model):
    """One size whose misfits are out of line for the month it was ordered in: a task for the catalogue team."""

    class Kind(models.TextChoices):
        """What is out of line."""

        RETURNS = "returns", _("returns for their size")
        VOTES = "votes", _("votes on the fit")

    variant = models.ForeignKey("shop.Variant", on_delete=models.CASCADE, related_name="fit_alarms")
    month_on = models.DateField(_("ordered in"), help_text=_("The first day of the month."))
    kind = models.CharField(_("what is out of line"), max_length=8, choices=Kind.choices)
    verdict = models.CharField(_("it is"), max_length=5, choices=Verdict.choices)
    misfits = models.PositiveIntegerField(_("misfits"))
    pieces = models.PositiveIntegerField(_("of"))
    usual_bp = models.PositiveIntegerField(_("usual share (basis points)"))
    hint = models.CharField(_("hint on the page, in our words"), max_length=200, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    done = models.CharField(_("what was done"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("fit alarm")
        verbose_name_plural = _("fit alarms")
        permissions = [("close_fitalarm", "Can close fit alarms")]
        constraints = [
            models.UniqueConstraint(fields=["variant", "month_on", "kind", "verdict"], name="fit_alarm_once"),
            models.CheckConstraint(condition=Q(misfits__lte=F("pieces")), name="fit_alarm_counts"),
            models.CheckConstraint(condition=Q(closed_at__isnull=True) | ~Q(done=""), name="fit_alarm_closed_says_how"),
            models.CheckConstraint(condition=~Q(verdict="fit"), name="fit_alarm_about_misfits"),
        ]
        indexes = [models.Index(fields=["opened_at", "id"], condition=Q(closed_at__isnull=True), name="fit_alarm_open")]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.misfits} of {self.pieces}"


class Review(models.Model):
    """What a buyer writes of what she bought.  One for each purchase; nobody else may write one.

    `purchase` names the order line it is verified by, such as orders.line:12: this app knows no orders.
    """

    class Status(models.TextChoices):
        """Can others read it?"""

        WAITING = "waiting", _("waiting for us")
        PUBLISHED = "published", _("published")
        DECLINED = "declined", _("declined")

    class Reason(models.TextChoices):
        """Why it cannot be published.  That it is bad is no reason."""

        PERSONAL = "personal", _("it names people or tells private things")
        ABUSE = "abuse", _("it insults somebody")
        ELSEWHERE = "elsewhere", _("it is about something else, such as delivery")
        ADVERT = "advert", _("it advertises something")
        PICTURE = "picture", _("a picture cannot be shown")

    purchase = models.CharField(_("bought with"), max_length=60, unique=True)
    order_number = models.CharField(_("order"), max_length=20)
    variant = models.ForeignKey("shop.Variant", on_delete=models.PROTECT, related_name="reviews")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    author = models.CharField(_("name shown"), max_length=60)
    stars = models.PositiveSmallIntegerField(_("stars"))
    title = models.CharField(_("title"), max_length=120, blank=True)
    text = models.TextField(_("text"), max_length=4000, blank=True)
    size = models.CharField(_("size bought"), max_length=60, blank=True)
    usual_size = models.CharField(_("usual size"), max_length=60, blank=True)
    height_band = models.PositiveSmallIntegerField(
        _("height from (cm)"), null=True, blank=True, help_text=_("The band of five centimetres begins here.")
    )
    verdict = models.CharField(_("fit"), max_length=5, choices=Verdict.choices, blank=True)
    area = models.CharField(_("where"), max_length=10, choices=Area.choices, blank=True)
    ordered_on = models.DateField(_("ordered on"))
    written_at = models.DateTimeField(_("written at"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.WAITING)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decline_reason = models.CharField(_("why declined"), max_length=10, choices=Reason.choices, blank=True)
    decline_words = models.CharField(_("in our words"), max_length=300, blank=True)
    answer = models.TextField(_("our answer"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        permissions = [("moderate_review", "Can publish, decline and answer reviews")]
        constraints = [
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="review_has_one_to_five_stars"),
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True)
                | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                name="review_decided_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(status="declined") & ~Q(decline_reason="") & ~Q(decline_words="")
                | ~Q(status="declined") & Q(decline_reason="", decline_words=""),
                name="review_declined_says_why",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="review_answer_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["written_at", "id"], condition=Q(status="waiting"), name="review_waiting"),
            models.Index(
                fields=["variant", "-written_at", "-id"], condition=Q(status="published"), name="review_published"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stars} {self.title or self.author}"


class ReviewPhoto(models.Model):
    """A picture of a review, drawn anew by us: nothing of the file that was sent is kept."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="photos")
    name = models.UUIDField(_("name"), unique=True)
    width_px = models.PositiveSmallIntegerField(_("width"))
    height_px = models.PositiveSmallIntegerField(_("height"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("photo of a review")
        verbose_name_plural = _("photos of reviews")
        constraints = [models.UniqueConstraint(fields=["review", "position"], name="review_photo_place")]

    def __str__(self) -> str:
        return str(self.name)
