"""The tables of returns: one file for the 2 that made them.  A database that has taken those needs nothing of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from shop.create_together import CreateTogether

TABLES = [
    migrations.CreateModel(
        name="ReturnCase",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(max_length=20, unique=True, verbose_name="number")),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="return_cases", to="orders.order"
                ),
            ),
            (
                "origin",
                models.CharField(
                    choices=[("customer", "shopper"), ("staff", "staff")],
                    default="customer",
                    max_length=8,
                    verbose_name="begun by",
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[
                        ("requested", "asked for"),
                        ("approved", "agreed"),
                        ("received", "back with us"),
                        ("settled", "settled"),
                        ("declined", "declined"),
                        ("withdrawn", "taken back"),
                    ],
                    default="requested",
                    max_length=10,
                    verbose_name="status",
                ),
            ),
            ("submission_key", models.UUIDField(unique=True, verbose_name="submission")),
            (
                "policy",
                models.JSONField(
                    default=dict,
                    help_text="Window, its last day, who pays the way back.",
                    verbose_name="rules at the time",
                ),
            ),
            ("requested_at", models.DateTimeField(verbose_name="asked for at")),
            ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
            (
                "decided_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("decline_reason", models.CharField(blank=True, max_length=300, verbose_name="why declined")),
            ("received_at", models.DateTimeField(null=True, verbose_name="received at")),
            (
                "received_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
            (
                "settled_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("withdrawn_at", models.DateTimeField(null=True, verbose_name="taken back at")),
            (
                "due_on",
                models.DateField(
                    help_text="What we told the shopper; empty while it is her turn.",
                    null=True,
                    verbose_name="our next word by",
                ),
            ),
            (
                "delivery_minor",
                models.PositiveIntegerField(default=0, verbose_name="delivery fee given back (minor units)"),
            ),
            ("refund_minor", models.PositiveIntegerField(default=0, verbose_name="refund granted (minor units)")),
        ],
        options={
            "verbose_name": "return",
            "verbose_name_plural": "returns",
            "permissions": [
                ("decide_return", "Can agree to, decline and settle returns"),
                ("receive_return", "Can receive and inspect returned pieces"),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(("status__in", ["requested", "approved", "received"])),
                    fields=["due_on", "requested_at", "id"],
                    name="return_open",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("status__in", ["requested", "withdrawn"]), ("decided_at__isnull", False), _connector="OR"
                    ),
                    name="case_decided_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status__in", ["received", "settled"]), _negated=True),
                        ("received_at__isnull", False),
                        _connector="OR",
                    ),
                    name="case_received_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("settled_at__isnull", False), ("status", "settled")),
                        models.Q(
                            models.Q(("status", "settled"), _negated=True),
                            ("refund_minor", 0),
                            ("settled_at__isnull", True),
                        ),
                        _connector="OR",
                    ),
                    name="case_settled_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "declined"), _negated=True),
                        models.Q(("decline_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="case_declined_says_why",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ReturnReason",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            ("label", models.CharField(max_length=120, verbose_name="in the shopper's words")),
            (
                "group",
                models.CharField(
                    choices=[
                        ("size", "size"),
                        ("look", "looks"),
                        ("quality", "quality"),
                        ("late", "late"),
                        ("mind", "changed mind"),
                    ],
                    max_length=8,
                    verbose_name="group",
                ),
            ),
            (
                "goods",
                models.CharField(
                    choices=[("any", "everything"), ("worn", "what is worn"), ("home", "things for the house")],
                    default="any",
                    max_length=4,
                    verbose_name="offered for",
                ),
            ),
            (
                "postage",
                models.CharField(
                    choices=[("shop", "we pay"), ("shopper", "the shopper pays")],
                    default="shopper",
                    max_length=7,
                    verbose_name="the way back",
                ),
            ),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            (
                "retired_at",
                models.DateTimeField(
                    blank=True,
                    help_text="Shoppers are no longer offered it from then on.",
                    null=True,
                    verbose_name="retired at",
                ),
            ),
        ],
        options={
            "verbose_name": "return reason",
            "verbose_name_plural": "return reasons",
        },
    ),
    migrations.CreateModel(
        name="Withdrawal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("submission_key", models.UUIDField(unique=True, verbose_name="submission")),
            (
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="withdrawals",
                    to="orders.order",
                ),
            ),
            ("order_number", models.CharField(max_length=40, verbose_name="order number, as given")),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("email", models.EmailField(max_length=254, verbose_name="address for the receipt")),
            ("pieces", models.TextField(blank=True, help_text="Empty: the whole order.", verbose_name="pieces")),
            ("locale", models.CharField(max_length=10, verbose_name="language")),
            ("declared_at", models.DateTimeField(verbose_name="received at")),
            ("due_on", models.DateField(verbose_name="money back by")),
            ("settled_at", models.DateTimeField(null=True, verbose_name="dealt with at")),
            (
                "settled_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "withdrawal from a contract",
            "verbose_name_plural": "withdrawals from contracts",
            "indexes": [
                models.Index(
                    condition=models.Q(("settled_at__isnull", True)), fields=["due_on", "id"], name="withdrawal_open"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("order_number", ""), _negated=True), name="withdrawal_names_an_order"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("settled_at__isnull", True), ("settled_at__gte", models.F("declared_at")), _connector="OR"
                    ),
                    name="withdrawal_settled_after_it_came",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CaseLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "case",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="returns.returncase"
                ),
            ),
            (
                "order_line",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="return_lines", to="orders.orderline"
                ),
            ),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="quantity")),
            (
                "reason",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="returns.returnreason"
                ),
            ),
            ("detail", models.CharField(blank=True, max_length=500, verbose_name="in her own words")),
            (
                "wanted",
                models.CharField(
                    choices=[("refund", "money back"), ("exchange", "exchange")], max_length=8, verbose_name="wanted"
                ),
            ),
            (
                "granted",
                models.CharField(
                    blank=True,
                    choices=[("refund", "money back"), ("exchange", "exchange")],
                    max_length=8,
                    verbose_name="granted",
                ),
            ),
            (
                "exchange_variant",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.variant"
                ),
            ),
            (
                "exchange_line",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.orderline"
                ),
            ),
            ("amount_minor", models.PositiveIntegerField(default=0, verbose_name="refund (minor units)")),
        ],
        options={
            "verbose_name": "return line",
            "verbose_name_plural": "return lines",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="case_line_has_pieces"),
                models.UniqueConstraint(fields=("case", "order_line"), name="case_line_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("granted", "exchange"), _negated=True),
                        models.Q(("amount_minor", 0), ("exchange_line__isnull", False)),
                        _connector="OR",
                    ),
                    name="exchange_granted_is_planned",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("wanted", "exchange"), _negated=True),
                        ("exchange_variant__isnull", False),
                        _connector="OR",
                    ),
                    name="exchange_names_a_variant",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Inspection",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "case_line",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="inspection", to="returns.caseline"
                ),
            ),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="pieces that came")),
            (
                "condition",
                models.CharField(
                    choices=[
                        ("like_new", "like new"),
                        ("used", "used"),
                        ("damaged", "damaged"),
                        ("missing", "did not come"),
                    ],
                    max_length=10,
                    verbose_name="condition",
                ),
            ),
            (
                "disposition",
                models.CharField(
                    choices=[
                        ("restock", "back on the shelf"),
                        ("quarantine", "set aside"),
                        ("write_off", "written off"),
                        ("nowhere", "nothing to put away"),
                    ],
                    max_length=10,
                    verbose_name="goes",
                ),
            ),
            ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
            (
                "inspected_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("inspected_at", models.DateTimeField(verbose_name="inspected at")),
        ],
        options={
            "verbose_name": "inspection",
            "verbose_name_plural": "inspections",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("condition", "missing"), ("disposition", "nowhere"), ("quantity", 0)),
                        models.Q(
                            ("quantity__gte", 1),
                            models.Q(("condition", "missing"), _negated=True),
                            models.Q(("disposition", "nowhere"), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="inspection_of_what_came",
                )
            ],
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [("returns", "0001_create_tables"), ("returns", "0002_keep_withdrawals")]

    initial = True

    dependencies = [
        ("orders", "0001_squashed_0035_find_orders_by_address"),
        ("shop", "0001_squashed_0026_limit_what_is_sold_beyond_the_shelf"),
    ]

    operations = [
        CreateTogether(TABLES),
    ]
