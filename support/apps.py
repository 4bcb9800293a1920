"""The support app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class SupportConfig(AppConfig):
    """Wires the support app."""

    name = "support"
    verbose_name = "Support"

    def ready(self) -> None:
        """Register sweeps, subscriptions, the reader of mails, seeds, invariants and what is to do."""
        from shop import invariants, open_cases, personal, seeding, subscriptions, sweeps, todo
        from support import receivers
        from support.operations.personal import KEEPER, NOTHING_PERSONAL, forget_texts
        from support.operations.policies import seed_policies
        from support.operations.receiving import read_inbound_mail
        from support.operations.regretting import write_regrets
        from support.operations.seed_gestures import seed_gestures
        from support.operations.seed_questions import seed_questions
        from support.operations.watching import watch_waiting
        from support.queries.attention import SUPPORT_TODOS
        from support.queries.conversations import orders_talked_about
        from support.queries.invariants import SUPPORT_INVARIANTS

        sweeps.register("support.watch_waiting", watch_waiting)
        subscriptions.subscribe("support.delays", "orders.order.delayed", call=receivers.hear_delay)
        subscriptions.subscribe("support.arrivals", "orders.arrival.not-quite", call=receivers.hear_not_quite)
        subscriptions.subscribe("support.questions", "shop.question.asked", call=receivers.hear_question)
        open_cases.register("support", orders_talked_about)
        subscriptions.subscribe("support.words", "orders.delay.unanswered", call=receivers.hear_missing_word)
        subscriptions.subscribe(
            "support.unreachable", "notifications.message.failed", call=receivers.hear_failed_message
        )
        subscriptions.subscribe(
            "support.closed-addresses", "notifications.address.closed", call=receivers.hear_closed_address
        )
        faults = ("orders.order.missing-chosen", "orders.arrival.not-quite", "returns.case.settled")
        subscriptions.subscribe("support.faults", *faults, call=receivers.hear_fault)
        sweeps.register("support.write_regrets", write_regrets)
        sweeps.register("support.forget_texts", forget_texts)
        subscriptions.understand("mail", read=read_inbound_mail)
        seeding.register("support.policies", seed_policies, for_every_shop=True)
        seeding.register("support.questions", seed_questions)
        seeding.register("support.gestures", seed_gestures)
        personal.register(KEEPER)
        personal.nothing_personal(*NOTHING_PERSONAL)
        invariants.register(*SUPPORT_INVARIANTS)
        todo.register(*SUPPORT_TODOS)
