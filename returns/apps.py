"""The returns app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReturnsConfig(AppConfig):
    """Wires the returns app."""

    name = "returns"
    verbose_name = "Returns"

    def ready(self) -> None:
        """Register what the demo starts with and what must always be true."""
        from returns import receivers
        from returns.operations.personal import KEEPER, NOTHING_PERSONAL
        from returns.operations.seed_reasons import seed_reasons
        from returns.queries.cases import count_our_turn, orders_with_open_returns
        from returns.queries.invariants import RETURN_INVARIANTS
        from returns.queries.withdrawals import count_open_withdrawals
        from shop import invariants, open_cases, personal, seeding, subscriptions, todo

        seeding.register("returns.reasons", seed_reasons, for_every_shop=True)
        personal.register(KEEPER)
        personal.nothing_personal(*NOTHING_PERSONAL)
        invariants.register(*RETURN_INVARIANTS)
        subscriptions.subscribe(
            "returns.fit_votes", "returns.case.requested", "returns.case.withdrawn", call=receivers.hear_case
        )
        subscriptions.subscribe("returns.fit_alarms", "shop.fit.refitted", call=receivers.hear_refit)
        subscriptions.subscribe("returns.withdrawals", "orders.parcel.delivered", call=receivers.hear_arrival)
        open_cases.register("returns", orders_with_open_returns)
        todo.register(
            todo.Todo(
                name="returns.our-turn",
                label=_("returns to answer or settle"),
                count=count_our_turn,
                url_name="admin:returns_returncase_changelist",
                query="stage=ours",
                permission="returns.view_returncase",
            )
        )
        todo.register(
            todo.Todo(
                name="returns.withdrawals",
                label=_("withdrawals from contracts to deal with"),
                count=count_open_withdrawals,
                url_name="admin:returns_withdrawal_changelist",
                query="settled_at__isempty=1",
                permission="returns.view_withdrawal",
            )
        )
