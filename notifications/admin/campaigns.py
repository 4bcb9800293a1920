"""Campaigns in the admin: words by language, whom they would reach, a look before, start, stop, what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.admin.groups import counted
from notifications.admin.pages import fault_sentence
from notifications.messages.framing import letter_frame
from notifications.models import Campaign
from notifications.operations import campaigning
from notifications.operations.trying_out import letter_to, send_campaign_test
from notifications.queries.campaigns import results_of
from notifications.queries.groups import sample
from notifications.rules.campaigns import VARIABLES
from shop.admin.base import Button, OperationButtons, Pressed, see_other
from shop.admin.catalogue import EditAdmin
from shop.models import User

if TYPE_CHECKING:
    CampaignModelForm = forms.ModelForm[Campaign]
else:
    CampaignModelForm = forms.ModelForm


class CampaignForm(CampaignModelForm):
    """To whom, when, how many a day, and a subject and a text for each language of the shop."""

    class Meta:
        model = Campaign
        fields = ("name", "group", "link", "starts_at", "per_day")

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        for text in self.instance.texts.order_by("locale", "id") if self.instance.pk else ():
            self.initial.update({f"subject_{text.locale}": text.subject, f"text_{text.locale}": text.text})

    def clean(self) -> dict[str, Any]:
        """Want both halves of a language or none, and nothing but the variables there are."""
        data = super().clean() or self.cleaned_data
        for locale, (subject, text) in self.texts().items():
            if bool(subject) != bool(text):
                missing = "text" if subject else "subject"
                self.add_error(f"{missing}_{locale}", _("Fill in both, or leave both empty for this language."))
            try:
                campaigning.check_texts({locale: (subject, text)})
            except campaigning.BadWords as bad:
                for problem in bad.problems:
                    self.add_error(f"text_{locale}", fault_sentence(problem))
        return data

    def texts(self) -> dict[str, tuple[str, str]]:
        """Return (subject, text) by language, as typed; empty ones too."""
        data = self.cleaned_data
        return {
            locale: (
                " ".join(data.get(f"subject_{locale}", "").split()),
                data.get(f"text_{locale}", "").replace("\r\n", "\n").strip(),
            )
            for locale, _name in settings.LANGUAGES
        }


for _locale, _language in settings.LANGUAGES:
    CampaignForm.declared_fields |= {
        f"subject_{_locale}": forms.CharField(
            label=gettext_lazy("Subject"),
            max_length=150,
            required=False,
            widget=forms.TextInput({"size": 70, "lang": _locale}),
        ),
        f"text_{_locale}": forms.CharField(
            label=gettext_lazy("Text"),
            max_length=8000,
            required=False,
            widget=forms.Textarea({"rows": 10, "cols": 70, "lang": _locale}),
        ),
    }


def start(press: Pressed[Campaign]) -> str:
    """Begin to write."""
    begun = campaigning.start_campaign(campaign_id=press.row.pk, by=press.by, at=press.at)
    if begun.due_at and begun.due_at > press.at:
        return _("It is started and begins at the moment you set. You can stop it at any time.")
    return _("It is started: the first mails go out within seconds. You can stop it at any time.")


def stop(press: Pressed[Campaign]) -> str:
    """Write to nobody else."""
    campaigning.stop_campaign(campaign_id=press.row.pk, by=press.by, at=press.at)
    return _("It is stopped. Nobody else gets it; what was waiting to be sent is held back.")


@admin.register(Campaign)
class CampaignAdmin(OperationButtons, EditAdmin):
    """Saving writes to nobody; the button does."""

    form = CampaignForm
    list_display = ("name", "group", "state", "starts_at", "started_at", "per_day")
    list_filter = ("state",)
    list_select_related = ("group",)
    search_fields = ("name",)
    ordering = ("-id",)
    readonly_fields = ("state", "reach", "words", "results", "started_at", "stopped_at", "due_at")
    change_form_template = "admin/notifications/campaign_form.html"
    buttons = (
        Button(
            "start",
            gettext_lazy("Start it: write to the group"),
            "notifications.start_campaign",
            call=start,
            shown=lambda row: row.state == Campaign.State.DRAFT,
            refusals={
                campaigning.NotADraft: gettext_lazy("Somebody started it before you; nothing goes out twice."),
                campaigning.NoWords: gettext_lazy(
                    "It says nothing in the shop's own language yet."
                    " Write subject and text there, save, and press again."
                ),
            },
        ),
        Button(
            "stop",
            gettext_lazy("Stop it"),
            "notifications.start_campaign",
            call=stop,
            shown=lambda row: row.state in (Campaign.State.RUNNING, Campaign.State.DONE),
            refusals={campaigning.NotRunning: gettext_lazy("Somebody stopped it before you.")},
            danger=True,
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """Refuse once it is started: what people read is not changed under them."""
        started = obj is not None and obj.state != Campaign.State.DRAFT
        return not started and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        """Refuse: what was sent is kept, and a draft harms nobody."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        """Show the words to be written while it is a draft, and what became of it afterwards."""
        whom = (None, {"fields": ("name", "group", "link", "starts_at", "per_day")})
        if obj is not None and not self.has_change_permission(request, obj):
            done = ("state", "started_at", "due_at", "stopped_at", "results")
            return [(gettext_lazy("How it stands"), {"fields": done}), whom, (None, {"fields": ("words",)})]
        return [
            whom,
            *(self._language(locale, name) for locale, name in settings.LANGUAGES),
            (gettext_lazy("Whom it would reach now"), {"fields": ("reach",)}),
        ]

    def _language(self, locale: str, name: str) -> tuple[str, dict[str, Any]]:
        says = _("Variables: %(names)s. An empty line begins a new paragraph.")
        if locale == settings.LANGUAGE_CODE:
            says = f"{says} {_('Who reads a language you leave empty gets this one.')}"
        names = ", ".join(f"{{{{ {variable} }}}}" for variable in VARIABLES)
        return name, {"fields": (f"subject_{locale}", f"text_{locale}"), "description": says % {"names": names}}

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        """Save through the operation."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        campaigning.save_campaign(campaign=obj, texts=form.texts(), by=request.user, at=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        """Add the look before."""
        look = path(
            "<path:object_id>/preview/", self.admin_site.admin_view(self.preview), name="notifications_campaign_preview"
        )
        return [look, *super().get_urls()]

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what one real reader would get; POST sends it to oneself.  Raises PermissionDenied, Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        campaign = self.get_object(request, unquote(object_id))
        if not isinstance(campaign, Campaign):
            raise Http404
        readers = sample(campaign.group, at=timezone.now())
        form = LookForm(request.POST if request.method == "POST" else request.GET or None, readers=readers)
        wanted = form.cleaned_data if form.is_valid() else {"address": readers[0] if readers else "", "locale": ""}
        if request.method == "POST" and form.is_valid():
            return self._send_test(request, campaign, wanted)
        letter = letter_to(campaign, **wanted)
        if request.GET.get("frame"):
            return letter_frame(letter.html)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview"),
            "subtitle": campaign.name,
            "opts": self.opts,
            "original": campaign,
            "form": form,
            "letter": letter if letter.subject else None,
            "nobody": not readers,
            "may_test": request.user.has_perm("notifications.test_message"),
            "frame": f"?{request.GET.urlencode()}&frame=1",
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/notifications/campaign_preview.html", context, status=status)

    def _send_test(self, request: HttpRequest, campaign: Campaign, wanted: dict[str, str]) -> HttpResponse:
        if not request.user.has_perm("notifications.test_message"):
            raise PermissionDenied
        assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
        send_campaign_test(campaign=campaign, by=request.user, at=timezone.now(), **wanted)
        messages.success(
            request, _("It is on its way to %(email)s, and to nobody else.") % {"email": request.user.email}
        )
        return see_other(request.path)

    @admin.display(description=gettext_lazy("whom"))
    def reach(self, campaign: Campaign) -> str:
        """Count whom it would reach now."""
        return counted(campaign.group) if campaign.group_id else _("Save it first.")

    @admin.display(description=gettext_lazy("what it says"))
    def words(self, campaign: Campaign) -> str:
        """Show the words as they were written."""
        rows = campaign.texts.order_by("locale", "id")
        said = ((text.locale, text.subject, text.text) for text in rows)
        return format_html_join("", '<h3>{}: {}</h3><pre class="letter-text">{}</pre>', said)

    @admin.display(description=gettext_lazy("what became of it"))
    def results(self, campaign: Campaign) -> str:
        """Say what became of it, in plain numbers."""
        found = results_of(campaign)
        says = (
            _("%(n)d people are in it so far; %(told)d were taken up.") % {"n": found.recipients, "told": found.told},
            _("%(n)d mails are sent, %(waiting)d wait.") % {"n": found.sent, "waiting": found.waiting},
            _("%(n)d were held back; the list of messages says why.") % {"n": found.held_back},
            _("%(n)d did not arrive.") % {"n": found.came_back},
            _("%(n)d asked for no more news afterwards.") % {"n": found.unsubscribed},
            _("%(n)d ordered within two weeks afterwards, because of it or not.") % {"n": found.ordered},
        )
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line,) for line in says)))


class LookForm(forms.Form):
    """As whom, in which language."""

    address = forms.ChoiceField(label=gettext_lazy("As this reader"))
    locale = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, *args: Any, readers: list[str], **fields: Any) -> None:
        super().__init__(*args, **fields)
        known = [(address, address) for address in readers] or [("", _("nobody yet"))]
        self.fields["address"].choices = known  # type: ignore[attr-defined]
        self.fields["address"].required = bool(readers)
        self.fields["locale"].choices = [("", _("the reader's")), *settings.LANGUAGES]  # type: ignore[attr-defined]
