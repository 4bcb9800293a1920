"""The tables of support: one file for the 2 that made them.  A database that has taken those needs nothing of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from shop.create_together import CreateTogether

TABLES = [
    migrations.CreateModel(
        name="SlaPolicy",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "code",
                models.SlugField(
                    help_text="standard or urgent; see support.rules.sla.", unique=True, verbose_name="code"
                ),
            ),
            ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
            (
                "calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.businesscalendar"
                ),
            ),
            ("first_reply_minutes", models.PositiveIntegerField(default=120, verbose_name="first answer (minutes)")),
            ("next_reply_minutes", models.PositiveIntegerField(default=240, verbose_name="next answer (minutes)")),
        ],
        options={
            "verbose_name": "answer times",
            "verbose_name_plural": "answer times",
        },
    ),
    migrations.CreateModel(
        name="Conversation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(max_length=20, unique=True, verbose_name="number")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("question", "question"),
                        ("delay", "delay"),
                        ("return", "return"),
                        ("problem", "problem"),
                    ],
                    default="question",
                    max_length=10,
                    verbose_name="about",
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[("open", "open"), ("waiting", "waiting for the customer"), ("closed", "closed")],
                    default="open",
                    max_length=8,
                    verbose_name="status",
                ),
            ),
            (
                "origin",
                models.CharField(
                    choices=[("customer", "customer"), ("staff", "staff"), ("system", "the shop itself")],
                    max_length=8,
                    verbose_name="begun by",
                ),
            ),
            ("channel", models.CharField(default="form", max_length=10, verbose_name="channel")),
            ("subject", models.CharField(max_length=200, verbose_name="subject")),
            ("email", models.EmailField(max_length=254, verbose_name="customer's address")),
            ("customer_name", models.CharField(blank=True, max_length=120, verbose_name="customer's name")),
            (
                "customer",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="conversations",
                    to="orders.order",
                ),
            ),
            (
                "locale",
                models.CharField(blank=True, help_text="Empty: the shop's.", max_length=10, verbose_name="language"),
            ),
            ("order_said", models.CharField(blank=True, max_length=40, verbose_name="order that was named")),
            (
                "follows",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="followed_by",
                    to="support.conversation",
                ),
            ),
            (
                "assignee",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "policy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="support.slapolicy"
                ),
            ),
            (
                "case_key",
                models.CharField(
                    help_text="Such as delay:KP-1234:1; one case each.",
                    max_length=100,
                    null=True,
                    unique=True,
                    verbose_name="opened for",
                ),
            ),
            ("waiting_since", models.DateTimeField(null=True, verbose_name="customer waits since")),
            ("first_response_at", models.DateTimeField(null=True, verbose_name="first answered at")),
            ("task_due_at", models.DateTimeField(null=True, verbose_name="look into it by")),
            ("next_due_at", models.DateTimeField(null=True, verbose_name="due at")),
            (
                "next_due_kind",
                models.CharField(
                    blank=True,
                    choices=[("fr", "first answer"), ("nr", "next answer"), ("task", "look into it")],
                    max_length=4,
                    verbose_name="due for",
                ),
            ),
            ("breached_at", models.DateTimeField(null=True, verbose_name="late since")),
            ("last_activity_at", models.DateTimeField(verbose_name="last activity")),
            ("opened_at", models.DateTimeField(verbose_name="opened at")),
            ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
            ("version", models.PositiveIntegerField(default=0, verbose_name="version")),
        ],
        options={
            "verbose_name": "conversation",
            "verbose_name_plural": "conversations",
            "permissions": [
                ("answer_conversation", "Can answer customers, write notes and take conversations"),
                ("waive_answer", "Can decide that a message needs no answer"),
                ("close_conversation", "Can close conversations"),
                ("assign_conversation", "Can give conversations to somebody else"),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(("status__in", ["open", "waiting"])),
                    fields=["next_due_at", "id"],
                    name="queue_due",
                ),
                models.Index(fields=["order", "id"], name="conversation_of_order"),
                models.Index(fields=["-last_activity_at", "-id"], name="conversation_recent"),
                models.Index(
                    condition=models.Q(("status__in", ["open", "waiting"])),
                    fields=["assignee", "next_due_at", "id"],
                    name="queue_of_agent",
                ),
                models.Index(fields=["email", "-id"], name="conversation_of_email"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "closed"), _negated=True), ("waiting_since__isnull", True), _connector="OR"
                    ),
                    name="nobody_closed_while_waiting",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "closed"), _negated=True), ("closed_at__isnull", False), _connector="OR"
                    ),
                    name="closed_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("waiting_since__isnull", True), ("next_due_at__isnull", False), _connector="OR"
                    ),
                    name="waiting_has_a_due_time",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "conversation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="support.conversation"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("in", "from the customer"),
                        ("out", "to the customer"),
                        ("note", "internal note"),
                        ("system", "from the shop itself"),
                    ],
                    max_length=6,
                    verbose_name="kind",
                ),
            ),
            (
                "author",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("author_name", models.CharField(blank=True, max_length=120, verbose_name="author")),
            ("author_address", models.EmailField(blank=True, max_length=254, verbose_name="written from")),
            ("channel", models.CharField(max_length=10, verbose_name="channel")),
            ("external_id", models.CharField(max_length=250, null=True, verbose_name="Message-ID or form key")),
            ("in_reply_to", models.CharField(blank=True, max_length=250, verbose_name="answers")),
            ("text", models.TextField(verbose_name="text")),
            ("text_new", models.TextField(blank=True, help_text="Without quoted history.", verbose_name="what is new")),
            (
                "raw",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.inbound"
                ),
            ),
            ("thread_reason", models.CharField(blank=True, max_length=40, verbose_name="why it belongs here")),
            ("automated", models.BooleanField(default=False, verbose_name="written by a machine")),
            (
                "delivery",
                models.CharField(
                    blank=True,
                    choices=[
                        ("", "not mailed"),
                        ("in_flight", "on its way"),
                        ("accepted", "sent"),
                        ("failed", "could not be sent"),
                        ("unknown", "nobody knows whether it arrived"),
                    ],
                    default="",
                    max_length=10,
                    verbose_name="delivery",
                ),
            ),
            ("client_token", models.UUIDField(null=True, unique=True, verbose_name="form key")),
            (
                "version",
                models.PositiveIntegerField(
                    default=0, help_text="Of the conversation, once this message had joined it.", verbose_name="version"
                ),
            ),
            ("written_at", models.DateTimeField(verbose_name="written at")),
            ("accepted_at", models.DateTimeField(null=True, verbose_name="sent at")),
        ],
        options={
            "verbose_name": "message",
            "verbose_name_plural": "messages",
            "indexes": [models.Index(fields=["conversation", "id"], name="message_of_conversation")],
            "constraints": [
                models.UniqueConstraint(fields=("channel", "external_id"), name="support_message_once"),
                models.CheckConstraint(
                    condition=models.Q(("kind", "out"), ("delivery", ""), _connector="OR"),
                    name="only_answers_are_mailed",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("accepted_at__isnull", False), ("delivery", "accepted")),
                        models.Q(models.Q(("delivery", "accepted"), _negated=True), ("accepted_at__isnull", True)),
                        _connector="OR",
                    ),
                    name="sent_answer_has_a_moment",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="NoReplyNeeded",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "conversation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="waived", to="support.conversation"
                ),
            ),
            (
                "message",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="waived", to="support.message"
                ),
            ),
            ("reason", models.CharField(max_length=200, verbose_name="reason")),
            (
                "decided_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("decided_at", models.DateTimeField(verbose_name="decided at")),
        ],
        options={
            "verbose_name": "answer waived",
            "verbose_name_plural": "answers waived",
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [("support", "0001_create_tables"), ("support", "0002_keep_the_writers_language")]

    initial = True

    dependencies = [
        ("orders", "0001_squashed_0035_find_orders_by_address"),
        ("shop", "0001_squashed_0026_limit_what_is_sold_beyond_the_shelf"),
    ]

    operations = [
        CreateTogether(TABLES),
    ]
