"""News of a crisis she was told of: another sentence, or another day."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from notifications.messages.incident_declared import context, to
from notifications.messages.kind import Kind
from notifications.messages.sources import crisis_of
from notifications.rules import standing

KIND = Kind(
    name="incident_updated",
    event="orders.order.incident-told-again",
    says=gettext_lazy("What changed about a crisis she was told of; only when it changed for her"),
    audience="who was told of it",
    find=crisis_of,
    to=to,
    context=context,
    outdated=standing.while_date_stands,
    must_say=("what_happened", "now"),
)
