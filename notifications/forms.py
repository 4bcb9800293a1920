"""What a reader chooses: a tick for each kind and channel, her quiet hours, her number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.messages.kind import Kind
from notifications.messages.topics import channel_name, heading, kinds_by_topic
from notifications.operations.wishing import Hours
from support.forms import MAX_TEXT
from support.rules.mail import clean


@dataclass(frozen=True)
class Tick:
    """One kind on one channel."""

    name: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Row:
    """One kind with its ticks."""

    label: str
    ticks: tuple[Tick, ...]


def rows(channels: Sequence[str], wishes: dict[tuple[str, str], bool]) -> list[tuple[str, list[Row]]]:
    """Return the kinds there is something to choose about, by heading, with a tick for each open channel."""
    found = [
        (heading(topic), [_row(kind, channels, wishes) for kind in kinds if not _fixed(kind, channels)])
        for topic, kinds in kinds_by_topic()
    ]
    return [(title, kinds) for title, kinds in found if kinds]


def always(channels: Sequence[str]) -> list[str]:
    """Return what comes by mail whatever she chooses: what she must hear, when mail is her only way."""
    return [str(kind.says) for _topic, kinds in kinds_by_topic() for kind in kinds if _fixed(kind, channels)]


def _fixed(kind: Kind, channels: Sequence[str]) -> bool:
    return not kind.optional and len(channels) == 1


def _row(kind: Kind, channels: Sequence[str], wishes: dict[tuple[str, str], bool]) -> Row:
    ticks = tuple(
        Tick(
            name=tick_name(kind.name, channel),
            label=channel_name(channel),
            ticked=wishes.get((kind.name, channel), channel == "email" and not kind.asks_first),
        )
        for channel in channels
    )
    return Row(str(kind.says), ticks)


def tick_name(kind: str, channel: str) -> str:
    """Return the name of a tick in the form."""
    return f"{kind}.{channel}"


def ticked(data: Any, channels: Sequence[str]) -> dict[tuple[str, str], bool]:
    """Return what was ticked and what was not, for everything that could be."""
    return {
        (kind.name, channel): tick_name(kind.name, channel) in data
        for _topic, kinds in kinds_by_topic()
        for kind in kinds
        for channel in channels
        if not _fixed(kind, channels)
    }


class HoursForm(forms.Form):
    """When not to ring, and where we try first."""

    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("until"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("By the clock of"))
    first_channel = forms.ChoiceField(label=gettext_lazy("Where we try first"), required=False)

    def __init__(self, *args: Any, zones: Sequence[str], channels: Sequence[str], **fields: Any) -> None:
        super().__init__(*args, **fields)
        self.fields["time_zone"].choices = [(zone, zone.rpartition("/")[2].replace("_", " ")) for zone in zones]  # type: ignore[attr-defined]
        self.fields["first_channel"].choices = [(name, channel_name(name)) for name in channels]  # type: ignore[attr-defined]
        if len(channels) == 1:
            del self.fields["first_channel"]

    def clean(self) -> dict[str, Any]:
        """Want both ends of the quiet hours, or neither."""
        values = super().clean() or {}
        ends = [values.get("quiet_from"), values.get("quiet_until")]
        if not self.errors and (ends[0] is None) != (ends[1] is None):
            self.add_error(
                "quiet_from" if ends[0] is None else "quiet_until",
                _("Enter both times, or leave both empty: then mails come at any hour."),
            )
        return values

    def hours(self) -> Hours:
        """Return the quiet hours that were chosen."""
        values = self.cleaned_data
        return Hours(_minutes(values["quiet_from"]), _minutes(values["quiet_until"]), values["time_zone"])


class NumberForm(forms.Form):
    """A number to write to, and where."""

    channel = forms.ChoiceField(label=gettext_lazy("Write to me by"))
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=32,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
        help_text=gettext_lazy(
            "With the country, like +351 912 345 678. We send a code there to see that it is yours."
        ),
    )

    def __init__(self, *args: Any, channels: Sequence[str], **fields: Any) -> None:
        super().__init__(*args, **fields)
        self.fields["channel"].choices = [(name, channel_name(name)) for name in channels]  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        """Return the number as the whole world writes it.  Raises ValidationError."""
        try:
            number = phonenumbers.parse(self.cleaned_data["number"])
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_valid_number(number):
            raise forms.ValidationError(_("Enter the number with its country, like +351 912 345 678."))
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


class CodeForm(forms.Form):
    """The code that came."""

    code = forms.CharField(
        label=gettext_lazy("The code we sent"),
        max_length=12,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def _minutes(value: time | None) -> int | None:
    return None if value is None else value.hour * 60 + value.minute


def clock(minutes: int | None) -> time | None:
    """Return minutes after midnight as a time of day."""
    return None if minutes is None else time(minutes // 60, minutes % 60)


class NewsForm(forms.Form):
    """Where news of the shop shall go."""

    use_required_attribute = False

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": gettext_lazy("Enter the address we shall write to."),
            "invalid": gettext_lazy("Enter an e-mail address like ana@example.com."),
        },
    )


class AnswerForm(forms.Form):
    """What she answers to a letter, once however often it is sent."""

    use_required_attribute = False

    token = forms.UUIDField(widget=forms.HiddenInput)
    message = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": gettext_lazy("Write what we can do for you."),
            "max_length": gettext_lazy(
                "Your message has %(show_value)d letters and %(limit_value)d fit in here. Shorten it, or mail it."
            ),
        },
    )

    def clean_message(self) -> str:
        """Return the words without signs nobody can read."""
        return clean(self.cleaned_data["message"])
