"""We have the request: what happens next."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from notifications.messages import returned
from notifications.messages.kind import Kind, Topic
from notifications.messages.sources import case_of
from notifications.rules import standing

KIND = Kind(
    name="return_requested",
    event="returns.case.requested",
    says=gettext_lazy("We have your request"),
    audience="who ordered",
    find=case_of,
    to=returned.to,
    context=returned.context,
    outdated=standing.while_return_is("requested"),
    critical=False,
    topic=Topic.RETURNS,
    any_hour=True,
)
