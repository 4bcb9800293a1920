"""Addresses we do not write to: why, since when, and the button that allows one again."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.models import Suppression
from notifications.operations.hearing_back import NotClosed, allow_address
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, by_moment


class AllowForm(forms.Form):
    """Why the address may be used again; kept with the row."""

    reason = forms.CharField(label=gettext_lazy("Why it may be used again"), max_length=200)


def allow(press: Pressed[Suppression]) -> str:
    """Write to an address again."""
    allow_address(suppression_id=press.row.pk, reason=press.values["reason"], by=press.by, at=press.at)
    return _("From now on messages go to this address again. What failed meanwhile is sent again from its own page.")


@admin.register(Suppression)
class SuppressionAdmin(OperationButtons, ReadOnlyAdmin):
    """Closed addresses, the newest first."""

    list_display = ("address", "channel", "cause", "since", "lifted_at")
    list_filter = (
        ("lifted_at", by_moment(gettext_lazy("closed"), gettext_lazy("written to again"))),
        "cause",
        "channel",
    )
    search_fields = ("=address",)
    ordering = ("-id",)
    fields = ("address", "channel", "cause", "detail", "since", "message", "lifted_at", "lifted_by", "lift_reason")
    buttons = (
        Button(
            "allow",
            gettext_lazy("Write to it again"),
            "notifications.lift_suppression",
            call=allow,
            form=AllowForm,
            shown=lambda row: row.lifted_at is None,
            refusals={NotClosed: gettext_lazy("Somebody allowed it before you; nothing changed.")},
        ),
    )
