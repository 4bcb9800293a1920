"""Crises, what was told of each, and whom; what was told never changes."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_incidentnotice
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_incidentversion
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change(
        'current', 'cursor', 'behind', 'pass_at', 'told_all_at', 'made_by_id');
"""
UNGUARD = """
DROP TRIGGER append_only ON orders_incidentnotice;
DROP TRIGGER append_only ON orders_incidentversion;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0021_send_back_of_each_sum"),
        ("shop", "0008_hold_count_and_expect_stock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "hits",
                    models.CharField(
                        choices=[("workshop", "the work before the hand-over"), ("road", "the road to the shopper")],
                        default="road",
                        max_length=8,
                        verbose_name="what it slows down",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until, as far as we know")),
                (
                    "extra_days",
                    models.PositiveSmallIntegerField(
                        help_text="How much later orders arrive that it concerns. 0: their day stands.",
                        verbose_name="extra working days",
                    ),
                ),
                (
                    "public_text",
                    models.CharField(
                        help_text="One or two sentences: what happened, and where. It stands in the mails and on the pages.",
                        max_length=300,
                        verbose_name="what shoppers read",
                    ),
                ),
                ("what_we_do", models.CharField(blank=True, max_length=500, verbose_name="what we do about it")),
                (
                    "longer",
                    models.BooleanField(
                        default=True,
                        help_text="By the same extra days, as long as it lasts.",
                        verbose_name="promise new orders later, too",
                    ),
                ),
                (
                    "places",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: as the workshop's calendar says. 0: nobody starts an order on these days.",
                        null=True,
                        verbose_name="orders a day at most",
                    ),
                ),
                (
                    "review_at",
                    models.DateTimeField(
                        help_text="Somebody is asked to look; what nobody looks at ends by itself.",
                        verbose_name="look again at",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name, for staff")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "not told yet"), ("declared", "declared"), ("over", "over")],
                        default="draft",
                        editable=False,
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2),
                        blank=True,
                        default=list,
                        help_text="Two letters each, such as PT, ES.",
                        size=None,
                        verbose_name="countries",
                    ),
                ),
                (
                    "regions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="regions",
                    ),
                ),
                (
                    "postcodes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        help_text="Such as 80, 8601.",
                        size=None,
                        verbose_name="postcodes that begin with",
                    ),
                ),
                (
                    "couriers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="couriers",
                    ),
                ),
                ("described_at", models.DateTimeField(auto_now_add=True, verbose_name="described at")),
                ("declared_at", models.DateTimeField(editable=False, null=True, verbose_name="declared at")),
                ("over_at", models.DateTimeField(editable=False, null=True, verbose_name="over since")),
            ],
            options={
                "verbose_name": "crisis",
                "verbose_name_plural": "crises",
                "permissions": [("declare_incident", "Can declare a crisis, tell news of it and end it")],
            },
        ),
        migrations.CreateModel(
            name="IncidentNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("told", "told"),
                            ("knew", "knew it when she ordered"),
                            ("same", "nothing new for her"),
                            ("outside", "her way does not lie in these days"),
                        ],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("counted_on", models.DateField(verbose_name="counted from")),
                ("facts", models.CharField(blank=True, max_length=64, verbose_name="what it says (hashed)")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "notice of a crisis",
                "verbose_name_plural": "notices of crises",
            },
        ),
        migrations.CreateModel(
            name="IncidentVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "hits",
                    models.CharField(
                        choices=[("workshop", "the work before the hand-over"), ("road", "the road to the shopper")],
                        default="road",
                        max_length=8,
                        verbose_name="what it slows down",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until, as far as we know")),
                (
                    "extra_days",
                    models.PositiveSmallIntegerField(
                        help_text="How much later orders arrive that it concerns. 0: their day stands.",
                        verbose_name="extra working days",
                    ),
                ),
                (
                    "public_text",
                    models.CharField(
                        help_text="One or two sentences: what happened, and where. It stands in the mails and on the pages.",
                        max_length=300,
                        verbose_name="what shoppers read",
                    ),
                ),
                ("what_we_do", models.CharField(blank=True, max_length=500, verbose_name="what we do about it")),
                (
                    "longer",
                    models.BooleanField(
                        default=True,
                        help_text="By the same extra days, as long as it lasts.",
                        verbose_name="promise new orders later, too",
                    ),
                ),
                (
                    "places",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: as the workshop's calendar says. 0: nobody starts an order on these days.",
                        null=True,
                        verbose_name="orders a day at most",
                    ),
                ),
                (
                    "review_at",
                    models.DateTimeField(
                        help_text="Somebody is asked to look; what nobody looks at ends by itself.",
                        verbose_name="look again at",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "kind",
                    models.CharField(
                        choices=[("declared", "declared"), ("updated", "news"), ("over", "all clear")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name, for staff")),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                (
                    "regions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), default=list, size=None
                    ),
                ),
                (
                    "postcodes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), default=list, size=None
                    ),
                ),
                (
                    "couriers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                (
                    "service_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "workshop_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "product_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("current", models.BooleanField(default=True, verbose_name="holds")),
                ("made_at", models.DateTimeField(verbose_name="told at")),
                ("cursor", models.BigIntegerField(default=0)),
                ("behind", models.BigIntegerField(null=True)),
                ("pass_at", models.DateTimeField(null=True, verbose_name="next look at all orders")),
                ("told_all_at", models.DateTimeField(null=True, verbose_name="everybody was told at")),
            ],
            options={
                "verbose_name": "version of a crisis",
                "verbose_name_plural": "versions of crises",
            },
        ),
        migrations.AlterField(
            model_name="delaycase",
            name="cause",
            field=models.CharField(
                choices=[
                    ("workshop", "we were slower than planned"),
                    ("payment", "the payment came later"),
                    ("carrier", "the courier"),
                    ("weather", "weather or roads"),
                    ("address", "the address"),
                    ("silence", "no news of the parcel"),
                    ("closure", "a day that closed later"),
                    ("incident", "a crisis"),
                ],
                max_length=10,
                verbose_name="cause",
            ),
        ),
        migrations.AlterField(
            model_name="promise",
            name="source",
            field=models.CharField(
                choices=[
                    ("checkout", "checkout"),
                    ("courier", "news from the courier"),
                    ("watch", "our own watch"),
                    ("staff", "staff"),
                    ("shopper", "the shopper chose"),
                    ("customer", "the shopper's own wish"),
                    ("eta", "news within the promise"),
                    ("incident", "a crisis"),
                ],
                max_length=8,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="promiseoutcome",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("workshop", "we were slower than planned"),
                    ("payment", "the payment came later"),
                    ("carrier", "the courier"),
                    ("weather", "weather or roads"),
                    ("address", "the address"),
                    ("silence", "no news of the parcel"),
                    ("closure", "a day that closed later"),
                    ("incident", "a crisis"),
                ],
                max_length=10,
                verbose_name="cause",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", True), ("status", "placed")),
                fields=["id"],
                name="order_not_arrived",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="products",
            field=models.ManyToManyField(blank=True, related_name="+", to="shop.product", verbose_name="products"),
        ),
        migrations.AddField(
            model_name="incident",
            name="services",
            field=models.ManyToManyField(
                blank=True, related_name="+", to="orders.servicelevel", verbose_name="delivery services"
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="workshops",
            field=models.ManyToManyField(blank=True, related_name="+", to="orders.workshop", verbose_name="workshops"),
        ),
        migrations.AddField(
            model_name="incidentnotice",
            name="base",
            field=models.ForeignKey(
                help_text="What held before it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.promise",
            ),
        ),
        migrations.AddField(
            model_name="incidentnotice",
            name="event",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.event"
            ),
        ),
        migrations.AddField(
            model_name="incidentnotice",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="incident_notices", to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="incidentnotice",
            name="promise",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.promise"
            ),
        ),
        migrations.AddField(
            model_name="incidentversion",
            name="incident",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="orders.incident"
            ),
        ),
        migrations.AddField(
            model_name="incidentversion",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="incidentnotice",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="orders.incidentversion"
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("state", "declared")), fields=["review_at"], name="incident_to_look_at"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="incident_span"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("declared_at__isnull", True), ("state", "draft")),
                    models.Q(models.Q(("state", "draft"), _negated=True), ("declared_at__isnull", False)),
                    _connector="OR",
                ),
                name="incident_declared_has_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("over_at__isnull", False), ("state", "over")),
                    models.Q(models.Q(("state", "over"), _negated=True), ("over_at__isnull", True)),
                    _connector="OR",
                ),
                name="incident_over_has_a_moment",
            ),
        ),
        migrations.AddIndex(
            model_name="incidentversion",
            index=models.Index(
                condition=models.Q(("pass_at__isnull", False)), fields=["pass_at", "id"], name="incident_to_tell"
            ),
        ),
        migrations.AddIndex(
            model_name="incidentversion",
            index=models.Index(
                condition=models.Q(("current", True), models.Q(("kind", "over"), _negated=True)),
                fields=["ends_on"],
                name="incident_on_pages",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentversion",
            constraint=models.UniqueConstraint(fields=("incident", "number"), name="incident_version_once"),
        ),
        migrations.AddConstraint(
            model_name="incidentversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("current", True)), fields=("incident",), name="incident_one_holds"
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentnotice",
            constraint=models.UniqueConstraint(fields=("order", "version"), name="incident_told_once"),
        ),
        migrations.AddConstraint(
            model_name="incidentnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("event__isnull", False), ("outcome", "told")),
                    models.Q(models.Q(("outcome", "told"), _negated=True), ("event__isnull", True)),
                    _connector="OR",
                ),
                name="incident_told_by_an_event",
            ),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
