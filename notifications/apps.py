"""The notifications app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """The only voice to customers."""

    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Register sweeps, subscriptions, invariants and what is to do."""
        from notifications.operations.campaigning import run_campaigns
        from notifications.operations.greeting import greet
        from notifications.operations.news import forget_questions
        from notifications.operations.personal import KEEPER, NOTHING_PERSONAL, numbers_proved
        from notifications.operations.seed_late_letter import seed_late_letter
        from notifications.operations.sending import send_messages
        from notifications.operations.silence import break_silence
        from notifications.queries.attention import NOTIFICATION_TODOS
        from notifications.queries.campaign_invariants import CAMPAIGN_INVARIANTS
        from notifications.queries.invariants import NOTIFICATION_INVARIANTS
        from notifications.receivers import listen
        from shop import account_menu, invariants, personal, seeding, sweeps, todo

        listen()
        personal.register(KEEPER)
        personal.know_numbers("notifications.readers", numbers_proved)
        personal.nothing_personal(*NOTHING_PERSONAL)
        sweeps.register("notifications.send_messages", send_messages)
        sweeps.register("notifications.break_silence", break_silence)
        sweeps.register("notifications.greet", greet)
        sweeps.register("notifications.run_campaigns", run_campaigns)
        sweeps.register("notifications.forget_questions", forget_questions)
        seeding.register("notifications.late-letter", seed_late_letter)
        invariants.register(*NOTIFICATION_INVARIANTS, *CAMPAIGN_INVARIANTS)
        todo.register(*NOTIFICATION_TODOS)
        account_menu.register(
            account_menu.Entry("notifications.inbox", _("Messages"), "notifications:inbox", position=15),
            account_menu.Entry(
                "notifications.wishes", _("What we write to you"), "notifications:own-wishes", position=65
            ),
        )
