"""Groups of customers in the admin: plain fields, and at once how many they are and a few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.models import CustomerGroup
from notifications.operations.campaigning import save_group
from notifications.queries.groups import counts, sample
from shop.admin.catalogue import EditAdmin
from shop.models import User

if TYPE_CHECKING:
    GroupModelForm = forms.ModelForm[CustomerGroup]
else:
    GroupModelForm = forms.ModelForm


class GroupForm(GroupModelForm):
    """Who is meant."""

    language = forms.ChoiceField(label=gettext_lazy("reads"), required=False)

    class Meta:
        model = CustomerGroup
        fields = (
            "name",
            "ordered_within_days",
            "quiet_for_days",
            "spent_at_least_minor",
            "bought_category",
            "bought_product",
            "country",
            "language",
            "birthday_month",
        )

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        if "language" in self.fields:
            self.fields["language"].choices = [("", _("any language")), *settings.LANGUAGES]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse what can be true of nobody."""
        data = super().clean() or self.cleaned_data
        lately, quiet = data.get("ordered_within_days"), data.get("quiet_for_days")
        if lately and quiet and lately <= quiet:
            self.add_error(
                "quiet_for_days", _("Nobody ordered in the last %(n)d days and not for longer.") % {"n": lately}
            )
        return data


@admin.register(CustomerGroup)
class CustomerGroupAdmin(EditAdmin):
    """Who belongs to a group is asked anew each time; saving one writes to nobody."""

    form = GroupForm
    list_display = ("name", "asks_for", "changed_at")
    search_fields = ("name",)
    ordering = ("name", "id")
    autocomplete_fields = ("bought_product",)
    fieldsets = (
        (
            None,
            {
                "fields": ("name",),
                "description": gettext_lazy(
                    "All of what you fill in must be true of her. An empty field asks for nothing. "
                    "Only those who asked for news of the shop are written to."
                ),
            },
        ),
        (
            gettext_lazy("What she ordered"),
            {
                "fields": (
                    "ordered_within_days", "quiet_for_days", "spent_at_least_minor", "bought_category",
                    "bought_product", "country",
                )
            },
        ),
        (gettext_lazy("Who she is"), {"fields": ("language", "birthday_month")}),
        (gettext_lazy("Who that is now"), {"fields": ("how_many", "some_of_them")}),
    )  # fmt: skip
    readonly_fields = ("how_many", "some_of_them")

    def has_delete_permission(self, request: HttpRequest, obj: CustomerGroup | None = None) -> bool:
        """Refuse: campaigns point at it."""
        return False

    def save_model(self, request: HttpRequest, obj: CustomerGroup, form: Any, change: bool) -> None:
        """Save through the operation."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        save_group(group=obj, by=request.user, at=timezone.now())

    @admin.display(description=gettext_lazy("asks for"))
    def asks_for(self, group: CustomerGroup) -> str:
        """Name the fields that are filled in."""
        names = [field for field in GroupForm.Meta.fields if field != "name" and getattr(group, field)]
        labels = [str(CustomerGroup._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]
        return "; ".join(labels) or _("everybody who asked for news")

    @admin.display(description=gettext_lazy("how many"))
    def how_many(self, group: CustomerGroup) -> str:
        """Count them, each with what holds her."""
        if group.pk is None:
            return _("Save it first.")
        return counted(_kept(group))

    @admin.display(description=gettext_lazy("some of them"))
    def some_of_them(self, group: CustomerGroup) -> str:
        """Show a few addresses, to see whether it is who was meant."""
        if group.pk is None:
            return "–"
        found = sample(_kept(group), at=timezone.now())
        rows = format_html_join("", "<li>{}</li>", ((address,) for address in found))
        return format_html("<ul>{}</ul>", rows) if found else _("Nobody.")


def _kept(group: CustomerGroup) -> CustomerGroup:
    """Return a group as it is saved: beside a form that was refused stands who it means now, not what was typed."""
    return CustomerGroup.objects.get(pk=group.pk)


def counted(group: CustomerGroup) -> str:
    """Return in sentences whom a campaign to a group would reach now."""
    found = counts(group, at=timezone.now())
    says = (
        _("%(n)d would get it now.") % {"n": found.would_get},
        _("%(n)d wait their turn: we wrote to them of our own accord lately.") % {"n": found.too_often},
        _("%(n)d cannot be reached: their address is closed.") % {"n": found.closed},
        _("%(n)d more fit, but did not ask for news of the shop. They are never written to.") % {"n": found.no_consent},
    )
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line,) for line in says)))
