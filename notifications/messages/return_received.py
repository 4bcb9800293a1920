"""It is back with us: what happens next."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from notifications.messages import returned
from notifications.messages.kind import Kind, Lane, Topic
from notifications.messages.sources import case_of
from notifications.rules import standing

KIND = Kind(
    name="return_received",
    event="returns.case.received",
    says=gettext_lazy("It is back with us"),
    audience="who ordered",
    find=case_of,
    to=returned.to,
    context=returned.context,
    outdated=standing.while_return_is("received"),
    critical=False,
    topic=Topic.RETURNS,
    optional=True,
    small=True,
    lane=Lane.SMALL,
)
