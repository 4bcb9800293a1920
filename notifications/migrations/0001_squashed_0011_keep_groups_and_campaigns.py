"""The tables of notifications: one file for the 11 that made them.  A database that has taken those needs nothing of it."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from shop.create_together import CreateTogether

TABLES = [
    migrations.CreateModel(
        name="CustomerGroup",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
            (
                "ordered_within_days",
                models.PositiveSmallIntegerField(
                    blank=True,
                    null=True,
                    validators=[django.core.validators.MinValueValidator(1)],
                    verbose_name="ordered in the last (days)",
                ),
            ),
            (
                "quiet_for_days",
                models.PositiveSmallIntegerField(
                    blank=True,
                    null=True,
                    validators=[django.core.validators.MinValueValidator(1)],
                    verbose_name="has ordered, but not for (days)",
                ),
            ),
            (
                "spent_at_least_minor",
                models.PositiveIntegerField(
                    blank=True,
                    help_text="All her orders: 20000 is 200.00.",
                    null=True,
                    verbose_name="ordered for at least (minor units)",
                ),
            ),
            (
                "bought_category",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.category",
                    verbose_name="bought something of the category",
                ),
            ),
            (
                "bought_product",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.product",
                    verbose_name="bought",
                ),
            ),
            (
                "country",
                models.CharField(
                    blank=True,
                    help_text="Two letters: PT",
                    max_length=2,
                    validators=[
                        django.core.validators.RegexValidator("^[A-Z]{2}$", "Two capital letters, such as PT.")
                    ],
                    verbose_name="had something sent to (country)",
                ),
            ),
            ("language", models.CharField(blank=True, max_length=10, verbose_name="reads")),
            (
                "birthday_month",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="1 to 12; only whose account knows it.",
                    null=True,
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(12),
                    ],
                    verbose_name="has her birthday in (month)",
                ),
            ),
            ("changed_at", models.DateTimeField(editable=False, verbose_name="changed at")),
            (
                "changed_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "customer group",
            "verbose_name_plural": "customer groups",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("birthday_month__isnull", True), ("birthday_month__range", (1, 12)), _connector="OR"
                    ),
                    name="group_month_is_one",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Greeting",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("address", models.EmailField(max_length=254, verbose_name="e-mail address")),
            (
                "occasion",
                models.CharField(
                    choices=[("birthday", "birthday"), ("anniversary", "first order")],
                    max_length=12,
                    verbose_name="occasion",
                ),
            ),
            ("due_at", models.DateTimeField(verbose_name="next at")),
            ("greeted_year", models.PositiveSmallIntegerField(null=True, verbose_name="last greeted in")),
        ],
        options={
            "verbose_name": "greeting",
            "verbose_name_plural": "greetings",
            "indexes": [models.Index(fields=["due_at", "id"], name="greeting_due")],
            "constraints": [
                models.UniqueConstraint(
                    django.db.models.functions.text.Lower("address"), models.F("occasion"), name="greeting_once"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="shop.event"
                ),
            ),
            ("kind", models.CharField(max_length=40, verbose_name="kind")),
            ("channel", models.CharField(default="email", max_length=10, verbose_name="channel")),
            ("recipient", models.CharField(max_length=254, verbose_name="to")),
            ("recipient_name", models.CharField(blank=True, max_length=120, verbose_name="name")),
            ("order_number", models.CharField(blank=True, db_index=True, max_length=20, verbose_name="order")),
            ("locale", models.CharField(default="en", max_length=10, verbose_name="language")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("queued", "queued"),
                        ("claimed", "being sent"),
                        ("sent", "sent"),
                        ("failed", "failed"),
                        ("bounced", "bounced"),
                        ("suppressed", "held back"),
                        ("bundled", "told together with other news"),
                    ],
                    default="queued",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("reason", models.CharField(blank=True, max_length=300, verbose_name="why held back or failed")),
            ("lane", models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="lane")),
            ("small", models.BooleanField(db_default=False, default=False, verbose_name="may wait for company")),
            ("optional", models.BooleanField(db_default=False, default=False, verbose_name="may be switched off")),
            ("facts", models.CharField(blank=True, db_default="", max_length=64, verbose_name="what it says (hashed)")),
            (
                "told_in",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="parts",
                    to="notifications.message",
                ),
            ),
            (
                "provider_id",
                models.CharField(blank=True, db_default="", max_length=200, verbose_name="the provider's number"),
            ),
            ("reply_to", models.CharField(blank=True, max_length=254, verbose_name="answers go to")),
            ("message_id", models.CharField(max_length=200, unique=True, verbose_name="Message-ID")),
            ("in_reply_to", models.CharField(blank=True, max_length=250, verbose_name="answers")),
            ("subject", models.CharField(max_length=250, verbose_name="subject")),
            ("text", models.TextField(verbose_name="text")),
            ("html", models.TextField(blank=True, verbose_name="HTML")),
            ("brief", models.TextField(blank=True, db_default="", verbose_name="text without greeting")),
            (
                "due_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
            ),
            ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
            (
                "created_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created at"),
            ),
            ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
            ("unconfirmed_at", models.DateTimeField(null=True, verbose_name="sent, unconfirmed since")),
            ("unasked_at", models.DateTimeField(null=True, verbose_name="counted as unasked at")),
        ],
        options={
            "verbose_name": "message",
            "verbose_name_plural": "messages",
            "permissions": [
                ("resend_message", "Can send a message once more"),
                ("test_message", "Can send herself a message to look at"),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(("state__in", ["queued", "claimed"])),
                    fields=["channel", "lane", "due_at", "id"],
                    name="message_due_by_lane",
                ),
                models.Index(
                    condition=models.Q(
                        ("state__in", ["queued", "claimed"]), models.Q(("order_number", ""), _negated=True)
                    ),
                    fields=["order_number", "event"],
                    name="message_unsent_of_order",
                ),
                models.Index(
                    condition=models.Q(("state__in", ["failed", "bounced"])),
                    fields=["created_at"],
                    name="message_unreached",
                ),
                models.Index(fields=["recipient", "-id"], name="message_of_recipient"),
                models.Index(
                    django.db.models.functions.text.Lower("recipient"),
                    models.OrderBy(models.F("id"), descending=True),
                    name="message_to_somebody",
                ),
                models.Index(
                    condition=models.Q(("small", True), ("state", "queued")),
                    fields=["recipient", "channel"],
                    name="message_small_waiting",
                ),
                models.Index(
                    condition=models.Q(("provider_id", ""), _negated=True),
                    fields=["provider_id"],
                    name="message_by_provider_id",
                ),
                models.Index(
                    condition=models.Q(("unconfirmed_at__isnull", False)),
                    fields=["unconfirmed_at", "id"],
                    name="message_doubtful",
                ),
                models.Index(
                    condition=models.Q(("sent_at__isnull", False)), fields=["sent_at", "id"], name="message_sent"
                ),
                models.Index(
                    django.db.models.functions.text.Lower("recipient"),
                    models.F("unasked_at"),
                    condition=models.Q(("unasked_at__isnull", False)),
                    name="message_unasked",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("event", "kind", "recipient", "channel"), name="message_once"),
                models.UniqueConstraint(
                    condition=models.Q(
                        models.Q(("facts", ""), _negated=True),
                        models.Q(("state__in", ["failed", "bounced", "suppressed"]), _negated=True),
                    ),
                    fields=("recipient", "channel", "kind", "facts"),
                    name="same_facts_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "bundled"), ("told_in__isnull", False)),
                        models.Q(models.Q(("state", "bundled"), _negated=True), ("told_in__isnull", True)),
                        _connector="OR",
                    ),
                    name="bundled_names_where",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                    ),
                    name="sent_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "suppressed"), _negated=True),
                        models.Q(("reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="held_back_has_a_reason",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "claimed"), _negated=True), ("lease_until__isnull", False), _connector="OR"
                    ),
                    name="claimed_has_a_lease",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Provider",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=120, unique=True, verbose_name="provider")),
            ("failures", models.PositiveIntegerField(default=0, verbose_name="failures in a row")),
            ("rests_until", models.DateTimeField(null=True, verbose_name="left alone until")),
            ("problem", models.CharField(blank=True, max_length=120, verbose_name="last problem")),
            ("failed_at", models.DateTimeField(null=True, verbose_name="last failed at")),
            ("tokens", models.FloatField(default=0, verbose_name="messages it may be given at once")),
            (
                "refilled_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="counted at"),
            ),
        ],
        options={
            "verbose_name": "provider",
            "verbose_name_plural": "providers",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("tokens__gte", 0)), name="provider_never_overdrawn")
            ],
        },
    ),
    migrations.CreateModel(
        name="Quiet",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.order"),
            ),
            ("due_at", models.DateTimeField(verbose_name="a word is due at")),
            ("notes", models.PositiveSmallIntegerField(default=0, verbose_name="notes of where it stands")),
        ],
        options={
            "verbose_name": "silence of an order",
            "verbose_name_plural": "silences of orders",
            "indexes": [models.Index(fields=["due_at", "id"], name="quiet_due")],
        },
    ),
    migrations.CreateModel(
        name="Reader",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("address", models.EmailField(max_length=254, verbose_name="e-mail address")),
            ("time_zone", models.CharField(blank=True, max_length=50, verbose_name="time zone")),
            ("quiet_from", models.PositiveSmallIntegerField(null=True, verbose_name="quiet from (minutes)")),
            ("quiet_until", models.PositiveSmallIntegerField(null=True, verbose_name="quiet until (minutes)")),
            ("first_channel", models.CharField(default="email", max_length=10, verbose_name="tries first")),
            ("text_channel", models.CharField(blank=True, max_length=10, verbose_name="text channel")),
            ("text_address", models.CharField(blank=True, max_length=64, verbose_name="number or name there")),
            ("text_confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
            ("text_heard_at", models.DateTimeField(null=True, verbose_name="last wrote to us there at")),
            ("code_hash", models.CharField(blank=True, max_length=64, verbose_name="code (hashed)")),
            ("code_expires_at", models.DateTimeField(null=True, verbose_name="code ends at")),
            ("code_tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries of the code")),
            ("changed_at", models.DateTimeField(verbose_name="changed at")),
        ],
        options={
            "verbose_name": "reader",
            "verbose_name_plural": "readers",
            "indexes": [
                models.Index(
                    condition=models.Q(("text_address", ""), _negated=True),
                    fields=["text_channel", "text_address"],
                    name="reader_by_text",
                )
            ],
            "constraints": [
                models.UniqueConstraint(django.db.models.functions.text.Lower("address"), name="reader_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("quiet_from__isnull", True), ("quiet_until__isnull", True)),
                        models.Q(("quiet_from__lt", 1440), ("quiet_until__lt", 1440)),
                        _connector="OR",
                    ),
                    name="reader_quiet_is_a_time",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("text_confirmed_at__isnull", True),
                        models.Q(("text_address", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="reader_confirmed_something",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Wording",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=40, verbose_name="kind")),
            ("locale", models.CharField(max_length=10, verbose_name="language")),
            ("subject", models.CharField(blank=True, max_length=250, verbose_name="subject")),
            ("text", models.TextField(blank=True, verbose_name="text")),
            ("changed_at", models.DateTimeField(verbose_name="changed at")),
            (
                "changed_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "wording",
            "verbose_name_plural": "wordings",
            "permissions": [("write_wording", "Can change the words of messages")],
            "constraints": [
                models.UniqueConstraint(fields=("kind", "locale"), name="wording_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("subject", ""), _negated=True), models.Q(("text", ""), _negated=True), _connector="OR"
                    ),
                    name="wording_says_something",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Attempt",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "message",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="journal", to="notifications.message"
                ),
            ),
            ("number", models.PositiveSmallIntegerField(verbose_name="attempt")),
            (
                "outcome",
                models.CharField(
                    choices=[
                        ("started", "started"),
                        ("accepted", "accepted"),
                        ("temporary", "try again"),
                        ("permanent", "refused for good"),
                        ("unknown", "no answer"),
                    ],
                    default="started",
                    max_length=10,
                    verbose_name="outcome",
                ),
            ),
            ("reply", models.CharField(blank=True, max_length=300, verbose_name="reply")),
            (
                "started_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="started at"),
            ),
            ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
        ],
        options={
            "verbose_name": "attempt",
            "verbose_name_plural": "attempts",
            "constraints": [models.UniqueConstraint(fields=("message", "number"), name="attempt_once")],
        },
    ),
    migrations.CreateModel(
        name="Campaign",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(help_text="For us; nobody else reads it.", max_length=80, verbose_name="name")),
            (
                "group",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="campaigns",
                    to="notifications.customergroup",
                    verbose_name="customer group",
                ),
            ),
            (
                "link",
                models.CharField(
                    blank=True,
                    help_text="A page of ours, such as /c/shirts/. Empty: no button.",
                    max_length=200,
                    validators=[
                        django.core.validators.RegexValidator(
                            "^/(?!/)[^\\s\\\\]*$", "Begin with a single slash: a page of this shop."
                        )
                    ],
                    verbose_name="page behind the button",
                ),
            ),
            (
                "starts_at",
                models.DateTimeField(
                    blank=True, help_text="Empty: when it is started.", null=True, verbose_name="begins at"
                ),
            ),
            (
                "per_day",
                models.PositiveIntegerField(
                    default=500,
                    help_text="Those who are left come the next morning at nine.",
                    validators=[django.core.validators.MinValueValidator(1)],
                    verbose_name="at most so many a day",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("draft", "being prepared"),
                        ("running", "started"),
                        ("stopped", "stopped"),
                        ("done", "all are written to"),
                    ],
                    default="draft",
                    editable=False,
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            ("started_at", models.DateTimeField(editable=False, null=True, verbose_name="started at")),
            (
                "started_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("stopped_at", models.DateTimeField(editable=False, null=True, verbose_name="stopped at")),
            (
                "stopped_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("due_at", models.DateTimeField(editable=False, null=True, verbose_name="goes on at")),
            ("read_up_to", models.CharField(blank=True, editable=False, max_length=254)),
            ("read_at", models.DateTimeField(editable=False, null=True, verbose_name="group read at")),
            ("told_on", models.DateField(editable=False, null=True)),
            ("told_today", models.PositiveIntegerField(default=0, editable=False)),
            ("changed_at", models.DateTimeField(editable=False, verbose_name="changed at")),
        ],
        options={
            "verbose_name": "campaign",
            "verbose_name_plural": "campaigns",
            "permissions": [("start_campaign", "Can start and stop campaigns")],
            "indexes": [
                models.Index(
                    condition=models.Q(("due_at__isnull", False)), fields=["due_at", "id"], name="campaign_due"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("due_at__isnull", False), ("state", "running")),
                        models.Q(models.Q(("state", "running"), _negated=True), ("due_at__isnull", True)),
                        _connector="OR",
                    ),
                    name="campaign_goes_on_while_it_runs",
                ),
                models.CheckConstraint(condition=models.Q(("per_day__gte", 1)), name="campaign_gets_on"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Suppression",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("channel", models.CharField(max_length=10, verbose_name="channel")),
            ("address", models.CharField(max_length=254, verbose_name="address")),
            (
                "cause",
                models.CharField(
                    choices=[
                        ("bounced", "messages come back"),
                        ("complained", "reported as unwanted"),
                        ("unsubscribed", "signed off at the provider"),
                        ("by_staff", "stopped by staff"),
                    ],
                    max_length=12,
                    verbose_name="why",
                ),
            ),
            ("detail", models.CharField(blank=True, max_length=300, verbose_name="what was said")),
            (
                "message",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="notifications.message",
                ),
            ),
            ("since", models.DateTimeField(verbose_name="since")),
            ("lifted_at", models.DateTimeField(null=True, verbose_name="allowed again at")),
            (
                "lifted_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("lift_reason", models.CharField(blank=True, max_length=200, verbose_name="why it may be used again")),
        ],
        options={
            "verbose_name": "address we do not write to",
            "verbose_name_plural": "addresses we do not write to",
            "permissions": [("lift_suppression", "Can allow an address again")],
            "constraints": [
                models.UniqueConstraint(
                    models.F("channel"),
                    django.db.models.functions.text.Lower("address"),
                    condition=models.Q(("lifted_at__isnull", True)),
                    name="suppressed_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("lifted_at__isnull", True), models.Q(("lift_reason", ""), _negated=True), _connector="OR"
                    ),
                    name="lifted_with_a_reason",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Wish",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "reader",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="wishes", to="notifications.reader"
                ),
            ),
            ("kind", models.CharField(max_length=40, verbose_name="kind")),
            ("channel", models.CharField(max_length=10, verbose_name="channel")),
            ("wanted", models.BooleanField(verbose_name="wanted")),
            ("changed_at", models.DateTimeField(verbose_name="changed at")),
        ],
        options={
            "verbose_name": "wish",
            "verbose_name_plural": "wishes",
            "constraints": [models.UniqueConstraint(fields=("reader", "kind", "channel"), name="wish_once")],
        },
    ),
    migrations.CreateModel(
        name="CampaignRecipient",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "campaign",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="recipients", to="notifications.campaign"
                ),
            ),
            ("address", models.EmailField(max_length=254, verbose_name="e-mail address")),
            (
                "event",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.event"
                ),
            ),
            ("told_at", models.DateTimeField(null=True, verbose_name="told at")),
        ],
        options={
            "verbose_name": "recipient of a campaign",
            "verbose_name_plural": "recipients of campaigns",
            "indexes": [
                models.Index(
                    condition=models.Q(("told_at__isnull", True)), fields=["campaign", "id"], name="recipient_waits"
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    models.F("campaign"), django.db.models.functions.text.Lower("address"), name="campaign_writes_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("event__isnull", True), ("told_at__isnull", True)),
                        models.Q(("event__isnull", False), ("told_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="recipient_told_by_an_event",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CampaignText",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "campaign",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="notifications.campaign"
                ),
            ),
            ("locale", models.CharField(max_length=10, verbose_name="language")),
            ("subject", models.CharField(max_length=150, verbose_name="subject")),
            ("text", models.TextField(verbose_name="text")),
        ],
        options={
            "verbose_name": "words of a campaign",
            "verbose_name_plural": "words of campaigns",
            "constraints": [
                models.UniqueConstraint(fields=("campaign", "locale"), name="campaign_text_once"),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("subject", ""), _negated=True), models.Q(("text", ""), _negated=True)),
                    name="campaign_text_says_something",
                ),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [
        ("notifications", "0001_create_tables"),
        ("notifications", "0002_keep_wishes_providers_and_lanes"),
        ("notifications", "0003_keep_briefs"),
        ("notifications", "0004_count_silence"),
        ("notifications", "0005_begin_to_count_silence"),
        ("notifications", "0006_keep_greetings"),
        ("notifications", "0007_remember_birthdays"),
        ("notifications", "0008_count_unasked_mails"),
        ("notifications", "0009_count_what_was_sent_unasked"),
        ("notifications", "0010_find_messages_of_somebody"),
        ("notifications", "0011_keep_groups_and_campaigns"),
    ]

    initial = True

    dependencies = [
        ("orders", "0001_squashed_0035_find_orders_by_address"),
        ("shop", "0001_squashed_0026_limit_what_is_sold_beyond_the_shelf"),
    ]

    operations = [
        CreateTogether(TABLES),
    ]
