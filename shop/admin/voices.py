"""What customers say, in the admin: the queue of reviews, the sizes out of line, the votes, and who waits for what."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, by_moment
from shop.models import FitAlarm, FitVote, Review, StockAlert
from shop.operations import fit_alarms, reviews


class DeclineForm(forms.Form):
    """Why a review cannot be published; its writer reads both."""

    reason = forms.ChoiceField(label=_("Reason"), choices=Review.Reason.choices)
    words = forms.CharField(
        label=_("In our words"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("She reads this. Say what she could change; that a review is bad is no reason."),
    )


class AnswerForm(forms.Form):
    """What stands below the review for everybody."""

    text = forms.CharField(
        label=_("Our answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Everybody reads it. Thank her, say what you do about it, and sign with your name."),
    )


class DoneForm(forms.Form):
    """What was done about an alarm."""

    done = forms.CharField(
        label=_("What was done"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Such as: measured six pieces again, chest is 2 cm less; measures and guide corrected."),
    )


def publish(press: Pressed[Review]) -> str:
    """Publish a review."""
    reviews.publish_review(review_id=press.row.pk, by=press.by, at=press.at)
    return gettext("Published. Everybody can read it now; you may answer it.")


def decline(press: Pressed[Review]) -> str:
    """Decline a review with a reason."""
    reviews.decline_review(review_id=press.row.pk, by=press.by, at=press.at, **press.values)
    return gettext("Declined. A mail tells %(name)s why.") % {"name": press.row.author}


def reconsider(press: Pressed[Review]) -> str:
    """Put a declined review back."""
    reviews.reconsider_review(review_id=press.row.pk, by=press.by, at=press.at)
    return gettext("It waits to be read again.")


def answer(press: Pressed[Review]) -> str:
    """Answer a review in public."""
    reviews.answer_review(review_id=press.row.pk, text=press.values["text"], by=press.by, at=press.at)
    return gettext("Your answer stands below the review.")


def close(press: Pressed[FitAlarm]) -> str:
    """Close an alarm."""
    fit_alarms.close_alarm(alarm_id=press.row.pk, done=press.values["done"], by=press.by, at=press.at)
    return gettext("Closed. The hint has left the page.")


_DECIDED: dict[type[Exception], str | Promise] = {
    reviews.AlreadyDecided: _("Somebody decided it before you; nothing changed.")
}
_MODERATE = "shop.moderate_review"


@admin.register(Review)
class ReviewAdmin(OperationButtons, ReadOnlyAdmin):
    """Reviews in the order in which they were written; nobody edits a customer's words."""

    list_display = ("stars", "title", "product", "author", "verdict", "status", "written_at")
    list_display_links = ("stars", "title")
    list_filter = ("status", "stars", "verdict")
    list_select_related = ("variant__product",)
    search_fields = ("title", "text", "order_number", "variant__product__name")
    ordering = ("written_at", "id")
    fields = (
        ("stars", "status"),
        "title",
        "text",
        "pictures",
        "product",
        ("size", "usual_size", "height_band"),
        ("verdict", "area"),
        "author",
        "order_number",
        "written_at",
        ("decided_at", "decided_by"),
        "decline_reason",
        "decline_words",
        "answer",
        ("answered_at", "answered_by"),
    )
    buttons = (
        Button(
            "publish",
            _("Publish"),
            _MODERATE,
            call=publish,
            refusals=_DECIDED,
            shown=lambda row: row.status == Review.Status.WAITING,
        ),
        Button(
            "answer",
            _("Answer below it"),
            _MODERATE,
            call=answer,
            form=AnswerForm,
            refusals={reviews.NotPublished: _("Publish it first: an answer stands below what everybody can read.")},
            shown=lambda row: row.status == Review.Status.PUBLISHED,
        ),
        Button(
            "decline",
            _("Decline"),
            _MODERATE,
            call=decline,
            form=DeclineForm,
            refusals=_DECIDED,
            shown=lambda row: row.status == Review.Status.WAITING,
            danger=True,
        ),
        Button(
            "reconsider",
            _("Look at it again"),
            _MODERATE,
            call=reconsider,
            refusals=_DECIDED,
            shown=lambda row: row.status == Review.Status.DECLINED,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        """Read the photos with the review."""
        return super().get_queryset(request).prefetch_related("photos")

    @admin.display(description=_("product"))
    def product(self, row: Review) -> str:
        """Return what was reviewed, with its options."""
        return f"{row.variant.product.name} {row.variant.label}".strip()

    @admin.display(description=_("pictures"))
    def pictures(self, row: Review) -> SafeString | str:
        """Show the pictures small, each a link to the large one."""
        links = [
            (
                reverse("shop:review-photo", args=[photo.name, "large"]),
                reverse("shop:review-photo", args=[photo.name, "small"]),
            )
            for photo in row.photos.all()
        ]
        return format_html_join(" ", '<a href="{}"><img src="{}" alt="" width="120"></a>', links) or gettext("none")


@admin.register(FitAlarm)
class FitAlarmAdmin(OperationButtons, ReadOnlyAdmin):
    """Sizes out of line, the oldest first: measure again, correct the guide, tell the maker."""

    list_display = ("variant", "verdict", "misfits", "pieces", "usual", "kind", "month_on", "opened_at", "closed_at")
    list_filter = (("closed_at", by_moment(_("open"), _("closed"))), "kind", "verdict")
    list_select_related = ("variant",)
    search_fields = ("variant__sku", "variant__product__name")
    ordering = ("opened_at", "id")
    buttons = (
        Button(
            "close",
            _("Close"),
            "shop.close_fitalarm",
            call=close,
            form=DoneForm,
            refusals={fit_alarms.AlreadyClosed: _("Somebody closed it before you; nothing changed.")},
            shown=lambda row: row.closed_at is None,
        ),
    )

    @admin.display(description=_("usual among others"))
    def usual(self, row: FitAlarm) -> str:
        """Return the usual share in per cent."""
        return f"{row.usual_bp / 100:.1f} %"


@admin.register(FitVote)
class FitVoteAdmin(ReadOnlyAdmin):
    """Every verdict that counts."""

    list_display = ("variant", "verdict", "area", "source", "ordered_on", "voted_at", "retracted_at")
    list_filter = ("verdict", "source", "area")
    list_select_related = ("variant",)
    search_fields = ("variant__sku", "variant__product__name")
    ordering = ("-voted_at", "-id")
    fields = ("variant", "verdict", "area", "source", "ordered_on", "voted_at", "retracted_at", "learned_at")


@admin.register(StockAlert)
class StockAlertAdmin(ReadOnlyAdmin):
    """Who waits for a piece that is sold out; the address is forgotten once it has served."""

    list_display = ("variant", "email", "asked_at", "confirmed_at", "told_at", "stopped_at")
    list_select_related = ("variant",)
    search_fields = ("variant__sku", "variant__product__name", "email")
    ordering = ("-asked_at", "-id")
    fields = ("variant", "email", "locale", "asked_at", "confirmed_at", "told_at", "stopped_at")
