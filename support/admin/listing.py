"""The queue: sorted by what is due next, never counting the whole table.  Source: support reference 6.4, ux 2.13."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.models import User
from support.models import Conversation
from support.queries.desk import View, in_view

VIEW_LABELS = {
    View.TODO: _("To do"),
    View.MINE: _("Mine"),
    View.UNASSIGNED: _("Nobody's"),
    View.LATE: _("Late"),
    View.WAITING: _("Waiting for the customer"),
    View.CLOSED: _("Closed"),
    View.ALL: _("All"),
}


class DeskFilter(admin.SimpleListFilter):
    """Which part of the desk is shown; without a choice it is what there is to do."""

    title = _("desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Offer every view but the default one."""
        return [(view.value, label) for view, label in VIEW_LABELS.items() if view is not View.TODO]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        """Narrow the list; a search looks everywhere unless a view was chosen."""
        if self.value() is None and request.GET.get("q"):
            return queryset
        return in_view(queryset, chosen_view(self.value()), user=cast(User, request.user), at=timezone.now())


def chosen_view(value: str | None) -> View:
    """Return the view a parameter names; what there is to do for anything else."""
    return View(value) if value in set(View) else View.TODO
