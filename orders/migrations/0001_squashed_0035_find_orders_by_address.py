"""The tables of orders, and what the database itself watches over: the ledger, promises and papers are append-only.

One file for the 35 that made them: a fresh database takes this one, one that has taken those needs nothing of it.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import orders.models.search_text
from shop.create_together import CreateTogether

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_paymentevent
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_promise
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('told_at');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_parcelplan
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_creditentry
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_document
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_documentfile
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_incidentnotice
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_incidentversion
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change(
        'current', 'cursor', 'behind', 'pass_at', 'told_all_at', 'made_by_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_deliverytable
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_trackingevent
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change_without_leave('words,place', '');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_ordernote
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change_without_leave('text', 'author_id');
"""
WITHIN_WHAT_CAME_IN = """
CREATE FUNCTION kingpost_refuse_more_than_came_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    room bigint;
BEGIN
    PERFORM 1 FROM orders_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
    SELECT c.amount_minor - coalesce((
        SELECT sum(CASE e.kind WHEN 'refund' THEN e.amount_minor WHEN 'bounced' THEN -e.amount_minor ELSE 0 END)
        FROM orders_paymentevent e WHERE e.of_id = c.id AND e.phase = 'succeeded'), 0)
    INTO room FROM orders_paymentevent c WHERE c.id = NEW.of_id AND c.kind = 'capture' AND c.phase = 'succeeded';
    IF room IS NULL OR NEW.amount_minor > room THEN
        RAISE EXCEPTION 'more would go back than came in' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER within_what_came_in BEFORE INSERT ON orders_paymentevent FOR EACH ROW
    WHEN (NEW.of_id IS NOT NULL AND NEW.kind = 'refund' AND NEW.phase = 'succeeded')
    EXECUTE FUNCTION kingpost_refuse_more_than_came_in();
"""

TABLES = [
    migrations.CreateModel(
        name="Cart",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token_hash", models.CharField(max_length=64, unique=True, verbose_name="token (hashed)")),
            (
                "customer",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("touched_at", models.DateTimeField(db_index=True, verbose_name="last used at")),
            (
                "sending",
                models.CharField(
                    choices=[("together", "everything together"), ("as_ready", "each when it is ready")],
                    db_default="together",
                    default="together",
                    max_length=8,
                    verbose_name="send",
                ),
            ),
            ("gift_wrap", models.BooleanField(db_default=False, default=False, verbose_name="gift wrap")),
            (
                "gift_message",
                models.CharField(blank=True, db_default="", max_length=300, verbose_name="message on the card"),
            ),
            (
                "hide_prices",
                models.BooleanField(db_default=False, default=False, verbose_name="no prices in the parcel"),
            ),
        ],
        options={
            "verbose_name": "bag",
            "verbose_name_plural": "bags",
        },
    ),
    migrations.CreateModel(
        name="DocumentSeries",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=12, verbose_name="kind")),
            ("year", models.PositiveSmallIntegerField(verbose_name="year")),
            ("last_number", models.PositiveIntegerField(default=0, verbose_name="last number")),
        ],
        options={
            "verbose_name": "series of numbers",
            "verbose_name_plural": "series of numbers",
            "constraints": [models.UniqueConstraint(fields=("kind", "year"), name="series_once")],
        },
    ),
    migrations.CreateModel(
        name="Promotion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "name",
                models.CharField(
                    help_text="The shopper reads it, such as: Spring thanks.", max_length=80, verbose_name="name"
                ),
            ),
            (
                "trigger",
                models.CharField(
                    choices=[("automatic", "for everybody"), ("voucher", "with a voucher")],
                    default="voucher",
                    max_length=10,
                    verbose_name="given",
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("percent", "per cent off the goods"),
                        ("amount", "an amount off the goods"),
                        ("free_delivery", "free delivery"),
                        ("gift", "a free gift"),
                    ],
                    max_length=14,
                    verbose_name="what it gives",
                ),
            ),
            (
                "percent_bp",
                models.PositiveIntegerField(
                    blank=True, help_text="1000 is 10 %.", null=True, verbose_name="per cent (basis points)"
                ),
            ),
            ("amount_minor", models.PositiveIntegerField(blank=True, null=True, verbose_name="amount (minor units)")),
            (
                "gift",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.variant",
                    verbose_name="gift",
                ),
            ),
            (
                "minimum_minor",
                models.PositiveIntegerField(
                    default=0,
                    help_text="Counted before anything is taken off.",
                    verbose_name="from goods worth (minor units)",
                ),
            ),
            (
                "combines",
                models.BooleanField(
                    default=False,
                    help_text="With others that do, too. One that does not is used alone, when it gives the shopper more.",
                    verbose_name="goes together with others",
                ),
            ),
            ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="begins")),
            ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
            ("uses_limit", models.PositiveIntegerField(blank=True, null=True, verbose_name="at most (orders)")),
            (
                "uses_per_customer",
                models.PositiveSmallIntegerField(
                    blank=True, null=True, verbose_name="at most for one e-mail address (orders)"
                ),
            ),
            ("budget_minor", models.PositiveIntegerField(blank=True, null=True, verbose_name="budget (minor units)")),
            ("uses", models.PositiveIntegerField(default=0, editable=False, verbose_name="used (orders)")),
            ("spent_minor", models.PositiveIntegerField(default=0, editable=False, verbose_name="given (minor units)")),
            ("active", models.BooleanField(default=True, verbose_name="offered")),
        ],
        options={
            "verbose_name": "promotion",
            "verbose_name_plural": "promotions",
            "permissions": [("create_vouchers", "Can create and void vouchers")],
            "indexes": [
                models.Index(
                    condition=models.Q(("active", True), ("trigger", "automatic")),
                    fields=["id"],
                    name="promotion_automatic",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "percent"), ("percent_bp__gte", 1), ("percent_bp__lte", 10000)),
                        models.Q(("amount_minor__gte", 1), ("kind", "amount")),
                        ("kind", "free_delivery"),
                        models.Q(("gift__isnull", False), ("kind", "gift")),
                        _connector="OR",
                    ),
                    name="promotion_gives_what_it_says",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("uses_limit__isnull", True), ("uses__lte", models.F("uses_limit")), _connector="OR"
                    ),
                    name="promotion_uses_within_limit",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("budget_minor__isnull", True), ("spent_minor__lte", models.F("budget_minor")), _connector="OR"
                    ),
                    name="promotion_spent_within_budget",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SavedAddress",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to=settings.AUTH_USER_MODEL
                ),
            ),
            ("full_name", models.CharField(max_length=120, verbose_name="name")),
            ("street", models.CharField(max_length=200, verbose_name="street and number")),
            ("extra", models.CharField(blank=True, max_length=200, verbose_name="more about the address")),
            ("postcode", models.CharField(max_length=16, verbose_name="postcode")),
            ("city", models.CharField(max_length=100, verbose_name="town")),
            ("country", models.CharField(max_length=2, verbose_name="country")),
            ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone, for the courier")),
            ("is_default", models.BooleanField(default=False, verbose_name="used first")),
            ("kept_at", models.DateTimeField(verbose_name="kept since")),
        ],
        options={
            "verbose_name": "saved address",
            "verbose_name_plural": "saved addresses",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("is_default", True)), fields=("user",), name="one_address_is_used_first"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="StoreCredit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("email", models.EmailField(help_text="In small letters.", max_length=254, verbose_name="e-mail address")),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            ("balance_minor", models.PositiveIntegerField(default=0, verbose_name="balance (minor units)")),
            ("runs_out_on", models.DateField(null=True, verbose_name="something runs out after")),
        ],
        options={
            "verbose_name": "store credit",
            "verbose_name_plural": "store credit",
            "permissions": [("issue_credit", "Can give store credit")],
            "indexes": [
                models.Index(
                    condition=models.Q(("runs_out_on__isnull", False)),
                    fields=["runs_out_on", "id"],
                    name="store_credit_runs_out",
                )
            ],
            "constraints": [models.UniqueConstraint(fields=("email", "currency"), name="store_credit_once")],
        },
    ),
    migrations.CreateModel(
        name="StuckLook",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("next_at", models.DateTimeField()),
        ],
        options={
            "verbose_name": "look for stuck parcels",
            "verbose_name_plural": "looks for stuck parcels",
        },
    ),
    migrations.CreateModel(
        name="TaxRate",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("country", models.CharField(help_text="Two letters, such as PT.", max_length=2, verbose_name="country")),
            (
                "tax_class",
                models.SlugField(
                    default="standard", help_text="Such as standard or reduced.", verbose_name="tax class"
                ),
            ),
            ("rate_bp", models.PositiveIntegerField(help_text="2300 is 23 %.", verbose_name="rate (basis points)")),
            ("valid_from_on", models.DateField(verbose_name="first day")),
            (
                "valid_until_on",
                models.DateField(
                    blank=True, help_text="Empty: until it is changed.", null=True, verbose_name="last day"
                ),
            ),
            (
                "source",
                models.CharField(
                    blank=True, help_text="Who says so, and of which day.", max_length=200, verbose_name="source"
                ),
            ),
        ],
        options={
            "verbose_name": "tax rate",
            "verbose_name_plural": "tax rates",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("rate_bp__lte", 10000)), name="tax_rate_sane"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("valid_until_on__isnull", True),
                        ("valid_until_on__gte", models.F("valid_from_on")),
                        _connector="OR",
                    ),
                    name="tax_rate_span",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[
                        ("country", "="),
                        ("tax_class", "="),
                        (
                            models.Func("valid_from_on", "valid_until_on", models.Value("[]"), function="daterange"),
                            "&&",
                        ),
                    ],
                    name="tax_rate_one_a_day",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="TestCardEntry",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=120, unique=True, verbose_name="idempotency key")),
            (
                "kind",
                models.CharField(
                    choices=[("charge", "charge"), ("refund", "refund")], max_length=8, verbose_name="kind"
                ),
            ),
            ("amount_minor", models.PositiveIntegerField(verbose_name="amount (minor units)")),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            (
                "charge",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    to="orders.testcardentry",
                    verbose_name="of the charge",
                ),
            ),
            ("accepted", models.BooleanField(verbose_name="accepted")),
            ("asked", models.PositiveSmallIntegerField(default=0, verbose_name="times asked")),
            (
                "made_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="made at"),
            ),
        ],
        options={
            "verbose_name": "test card entry",
            "verbose_name_plural": "test card entries",
        },
    ),
    migrations.CreateModel(
        name="Wishlist",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("token_hash", models.CharField(max_length=64, null=True, unique=True, verbose_name="token (hashed)")),
            (
                "customer",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("touched_at", models.DateTimeField(db_index=True, verbose_name="last used at")),
        ],
        options={
            "verbose_name": "wish list",
            "verbose_name_plural": "wish lists",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("customer__isnull", True), ("token_hash__isnull", False)),
                        models.Q(("customer__isnull", False), ("token_hash__isnull", True)),
                        _connector="OR",
                    ),
                    name="wishlist_opens_one_way",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Workshop",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            (
                "calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.businesscalendar"
                ),
            ),
            ("handling_days", models.PositiveSmallIntegerField(default=1, verbose_name="handling (working days)")),
        ],
        options={
            "verbose_name": "workshop",
            "verbose_name_plural": "workshops",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("handling_days__gte", 1)), name="workshop_handles")
            ],
        },
    ),
    migrations.CreateModel(
        name="CartLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "cart",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.cart"),
            ),
            (
                "variant",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="shop.variant"),
            ),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="quantity")),
            ("shown_price_minor", models.PositiveIntegerField(verbose_name="price shown (minor units)")),
            ("added_at", models.DateTimeField(verbose_name="added at")),
            ("saved_at", models.DateTimeField(null=True, verbose_name="saved for later at")),
        ],
        options={
            "verbose_name": "bag line",
            "verbose_name_plural": "bag lines",
            "constraints": [
                models.UniqueConstraint(fields=("cart", "variant"), name="cart_line_once"),
                models.CheckConstraint(
                    condition=models.Q(("quantity__gte", 1), ("quantity__lte", 20)), name="cart_line_quantity"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CreditCode",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "account",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="orders.storecredit"
                ),
            ),
            ("code_hash", models.CharField(max_length=64, unique=True, verbose_name="code (hashed)")),
            ("issued_at", models.DateTimeField(verbose_name="issued at")),
        ],
        options={
            "verbose_name": "store credit code",
            "verbose_name_plural": "store credit codes",
        },
    ),
    migrations.CreateModel(
        name="ServiceLevel",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            (
                "kind",
                models.CharField(
                    choices=[("courier", "a courier brings it"), ("pickup", "the shopper collects it")],
                    db_default="courier",
                    default="courier",
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            (
                "name",
                models.CharField(help_text="Such as “To your door” or “Faster”.", max_length=80, verbose_name="name"),
            ),
            ("country", models.CharField(max_length=2, verbose_name="country")),
            (
                "workshop",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.workshop"),
            ),
            (
                "carrier_calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.businesscalendar"
                ),
            ),
            (
                "destination_calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.businesscalendar"
                ),
            ),
            ("transit_min_days", models.PositiveSmallIntegerField(verbose_name="transit from (working days)")),
            ("transit_max_days", models.PositiveSmallIntegerField(verbose_name="transit to (working days)")),
            ("price_minor", models.PositiveIntegerField(verbose_name="price (minor units)")),
            (
                "free_from_minor",
                models.PositiveIntegerField(blank=True, null=True, verbose_name="free from (minor units)"),
            ),
            ("currency", models.CharField(default="EUR", max_length=3, verbose_name="currency")),
            (
                "guaranteed",
                models.BooleanField(
                    default=False,
                    help_text="When the first promised day is missed, the delivery fee goes back by itself.",
                    verbose_name="date guaranteed",
                ),
            ),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ("active", models.BooleanField(default=True, verbose_name="offered")),
            (
                "learns",
                models.BooleanField(
                    db_default=True,
                    default=True,
                    help_text="Every night its days are counted anew from its parcels. Off: the days above count.",
                    verbose_name="learns from what happened",
                ),
            ),
            ("learned", models.JSONField(editable=False, null=True, verbose_name="what its newest table says")),
            ("refit_at", models.DateTimeField(editable=False, null=True, verbose_name="to be learned again at")),
        ],
        options={
            "verbose_name": "delivery service",
            "verbose_name_plural": "delivery services",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        ("transit_min_days__lte", models.F("transit_max_days")),
                        models.Q(("transit_min_days__gte", 1), ("kind", "pickup"), _connector="OR"),
                    ),
                    name="service_transit_range",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Voucher",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "promotion",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="vouchers", to="orders.promotion"
                ),
            ),
            ("code_hash", models.CharField(max_length=64, unique=True, verbose_name="code (hashed)")),
            ("hint", models.CharField(db_index=True, max_length=4, verbose_name="ends with")),
            ("batch", models.CharField(blank=True, db_index=True, max_length=80, verbose_name="batch")),
            ("max_uses", models.PositiveIntegerField(default=1, verbose_name="at most (orders)")),
            ("uses", models.PositiveIntegerField(default=0, verbose_name="used (orders)")),
            ("made_at", models.DateTimeField(verbose_name="made at")),
            (
                "made_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("void_at", models.DateTimeField(null=True, verbose_name="void since")),
        ],
        options={
            "verbose_name": "voucher",
            "verbose_name_plural": "vouchers",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("uses__lte", models.F("max_uses"))), name="voucher_uses_within_limit"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="WishlistLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "wishlist",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.wishlist"
                ),
            ),
            (
                "product",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="shop.product"),
            ),
            (
                "variant",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="shop.variant"
                ),
            ),
            ("added_at", models.DateTimeField(verbose_name="added at")),
        ],
        options={
            "verbose_name": "line of a wish list",
            "verbose_name_plural": "lines of wish lists",
            "constraints": [
                models.UniqueConstraint(
                    fields=("wishlist", "product", "variant"), name="wishlist_line_once", nulls_distinct=False
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CartVoucher",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "cart",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="cart_vouchers", to="orders.cart"
                ),
            ),
            (
                "voucher",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.voucher"),
            ),
            ("added_at", models.DateTimeField(verbose_name="added at")),
        ],
        options={
            "verbose_name": "voucher in a bag",
            "verbose_name_plural": "vouchers in bags",
            "constraints": [models.UniqueConstraint(fields=("cart", "voucher"), name="cart_voucher_once")],
        },
    ),
    migrations.CreateModel(
        name="DeliveryTable",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "service",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="tables", to="orders.servicelevel"
                ),
            ),
            ("version", models.PositiveIntegerField(verbose_name="version")),
            ("fitted_at", models.DateTimeField(verbose_name="learned at")),
            ("until_on", models.DateField(verbose_name="from what had happened by")),
            ("knowledge", models.JSONField(verbose_name="what it says")),
        ],
        options={
            "verbose_name": "table of a service",
            "verbose_name_plural": "tables of services",
            "constraints": [models.UniqueConstraint(fields=("service", "version"), name="table_version_once")],
        },
    ),
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
                "in_other_languages",
                models.JSONField(
                    blank=True,
                    default=dict,
                    help_text="Who reads another language reads this; where it is empty, what stands above.",
                    verbose_name="the same in other languages",
                ),
            ),
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
            (
                "services",
                models.ManyToManyField(
                    blank=True, related_name="+", to="orders.servicelevel", verbose_name="delivery services"
                ),
            ),
            (
                "workshops",
                models.ManyToManyField(blank=True, related_name="+", to="orders.workshop", verbose_name="workshops"),
            ),
            (
                "products",
                models.ManyToManyField(blank=True, related_name="+", to="shop.product", verbose_name="products"),
            ),
        ],
        options={
            "verbose_name": "crisis",
            "verbose_name_plural": "crises",
            "permissions": [("declare_incident", "Can declare a crisis, tell news of it and end it")],
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "declared")), fields=["review_at"], name="incident_to_look_at"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="incident_span"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("declared_at__isnull", True), ("state", "draft")),
                        models.Q(models.Q(("state", "draft"), _negated=True), ("declared_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="incident_declared_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("over_at__isnull", False), ("state", "over")),
                        models.Q(models.Q(("state", "over"), _negated=True), ("over_at__isnull", True)),
                        _connector="OR",
                    ),
                    name="incident_over_has_a_moment",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Order",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(max_length=20, unique=True, verbose_name="number")),
            (
                "cart",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="order", to="orders.cart"
                ),
            ),
            (
                "customer",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="orders",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[
                        ("placing", "being placed"),
                        ("placed", "placed"),
                        ("declined", "payment declined"),
                        ("cancelled", "cancelled"),
                    ],
                    default="placing",
                    max_length=10,
                    verbose_name="status",
                ),
            ),
            (
                "payment_status",
                models.CharField(
                    choices=[
                        ("pending", "waiting for payment"),
                        ("on_delivery", "paid at the door"),
                        ("paid", "paid"),
                        ("part_refunded", "partly refunded"),
                        ("refunded", "refunded"),
                        ("charged_back", "taken back by the bank"),
                    ],
                    default="pending",
                    max_length=14,
                    verbose_name="payment",
                ),
            ),
            (
                "fulfilment_status",
                models.CharField(
                    choices=[
                        ("open", "to be packed"),
                        ("packed", "packed"),
                        ("handed_over", "on its way"),
                        ("delivered", "delivered"),
                    ],
                    default="open",
                    max_length=12,
                    verbose_name="fulfilment",
                ),
            ),
            (
                "service_status",
                models.CharField(
                    choices=[("ok", "as promised"), ("at_risk", "at risk"), ("late", "later than promised")],
                    default="ok",
                    max_length=8,
                    verbose_name="promise",
                ),
            ),
            ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
            ("full_name", models.CharField(max_length=120, verbose_name="name")),
            ("street", models.CharField(max_length=200, verbose_name="street and number")),
            ("extra", models.CharField(blank=True, max_length=200, verbose_name="more about the address")),
            ("postcode", models.CharField(max_length=16, verbose_name="postcode")),
            ("city", models.CharField(max_length=100, verbose_name="town")),
            ("region", models.CharField(blank=True, db_default="", default="", max_length=80, verbose_name="region")),
            ("country", models.CharField(max_length=2, verbose_name="country")),
            ("phone", models.CharField(blank=True, max_length=32, verbose_name="phone, for the courier")),
            (
                "home_weekdays",
                models.JSONField(
                    default=list, help_text="0 is Monday; empty: any.", verbose_name="somebody is at home on"
                ),
            ),
            ("home_part_of_day", models.CharField(default="any", max_length=10, verbose_name="part of the day")),
            ("courier_note", models.CharField(blank=True, max_length=300, verbose_name="note to the courier")),
            (
                "service",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.servicelevel"
                ),
            ),
            ("pickup", models.BooleanField(db_default=False, default=False, verbose_name="collected by herself")),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            ("goods_minor", models.PositiveIntegerField(verbose_name="goods (minor units)")),
            ("delivery_minor", models.PositiveIntegerField(verbose_name="delivery (minor units)")),
            ("tax_minor", models.PositiveIntegerField(verbose_name="tax included (minor units)")),
            (
                "delivery_shares",
                models.JSONField(
                    default=list,
                    help_text="Rate in basis points, fee and tax in minor units.",
                    verbose_name="delivery by tax rate",
                ),
            ),
            ("total_minor", models.PositiveIntegerField(verbose_name="total (minor units)")),
            (
                "sending",
                models.CharField(
                    choices=[("together", "everything together"), ("as_ready", "each when it is ready")],
                    db_default="together",
                    default="together",
                    max_length=8,
                    verbose_name="send",
                ),
            ),
            ("gift_wrap", models.BooleanField(db_default=False, default=False, verbose_name="gift wrap")),
            (
                "gift_message",
                models.CharField(blank=True, db_default="", max_length=300, verbose_name="message on the card"),
            ),
            (
                "hide_prices",
                models.BooleanField(db_default=False, default=False, verbose_name="no prices in the parcel"),
            ),
            ("locale", models.CharField(default="en", max_length=10, verbose_name="language")),
            ("placed_at", models.DateTimeField(db_index=True, verbose_name="placed at")),
            ("delivered_at", models.DateTimeField(null=True, verbose_name="delivered at")),
            ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled at")),
            (
                "guaranteed",
                models.BooleanField(
                    default=False, help_text="As the service said when it was ordered.", verbose_name="date guaranteed"
                ),
            ),
            ("next_due_at", models.DateTimeField(null=True, verbose_name="next deadline")),
            ("next_due_kind", models.CharField(blank=True, max_length=10, verbose_name="what is due")),
            ("watch_at", models.DateTimeField(null=True, verbose_name="to be looked at again")),
            (
                "search_text",
                models.GeneratedField(
                    db_persist=True,
                    expression=orders.models.search_text.Folded(
                        "number",
                        orders.models.search_text.Without("number", signs="-"),
                        "email",
                        "full_name",
                        orders.models.search_text.Without("phone", signs="[^0-9]"),
                        accented="áàâãäåăąāéèêëęėēěíìîïīįóòôõöőøōúùûüűūůçćčñńňśšşșžźżłđďðťţțýÿřğ",
                        plain="aaaaaaaaaeeeeeeeeiiiiiioooooooouuuuuuucccnnnsssszzzldddtttyyrg",
                    ),
                    output_field=models.TextField(),
                ),
            ),
        ],
        options={
            "verbose_name": "order",
            "verbose_name_plural": "orders",
            "permissions": [("cancel_order", "Can cancel orders for a shopper")],
            "indexes": [
                models.Index(
                    condition=models.Q(("next_due_at__isnull", False), ("status", "placed")),
                    fields=["next_due_at", "id"],
                    name="order_desk",
                ),
                models.Index(
                    condition=models.Q(("status", "placed"), ("watch_at__isnull", False)),
                    fields=["watch_at", "id"],
                    name="order_watch",
                ),
                models.Index(
                    condition=models.Q(("delivered_at__isnull", True), ("status", "placed")),
                    fields=["id"],
                    name="order_not_arrived",
                ),
                models.Index(fields=["email", "id"], name="order_of_email"),
                models.Index(
                    django.db.models.functions.text.Lower("email"),
                    condition=models.Q(("customer__isnull", True)),
                    name="order_of_nobody",
                ),
                models.Index(
                    django.db.models.functions.text.Lower("email"),
                    models.F("id"),
                    condition=models.Q(("status", "placed")),
                    name="order_of_address",
                ),
                models.Index(fields=["customer", "-placed_at", "-id"], name="order_of_account"),
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(models.F("search_text"), name="gin_trgm_ops"),
                    name="order_search",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "total_minor",
                            django.db.models.expressions.CombinedExpression(
                                models.F("goods_minor"), "+", models.F("delivery_minor")
                            ),
                        )
                    ),
                    name="order_total_adds_up",
                ),
                models.CheckConstraint(
                    condition=models.Q(("tax_minor__lte", models.F("total_minor"))), name="order_tax_inside_total"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ArrivalQuestion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="arrival", to="orders.order"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "to be asked"),
                        ("asked", "asked"),
                        ("happy", "all is well"),
                        ("not_quite", "not quite right"),
                        ("left_out", "not asked: we speak about it already, or it is too long ago"),
                    ],
                    default="waiting",
                    max_length=10,
                    verbose_name="answer",
                ),
            ),
            ("ask_at", models.DateTimeField(verbose_name="to be asked at")),
            ("asked_at", models.DateTimeField(null=True, verbose_name="asked at")),
            ("closes_at", models.DateTimeField(null=True, verbose_name="silence counts from")),
            ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
            (
                "what",
                models.CharField(
                    blank=True,
                    choices=[
                        ("missing", "I never got it, or a part is missing"),
                        ("broken", "Something is broken or has a fault"),
                        ("wrong", "It is not what I ordered"),
                        ("fit", "It does not fit"),
                        ("other", "Something else"),
                    ],
                    max_length=10,
                    verbose_name="what is not right",
                ),
            ),
            ("words", models.TextField(blank=True, verbose_name="in her words")),
            ("invite_at", models.DateTimeField(null=True, verbose_name="asked for a review at")),
            ("invited_at", models.DateTimeField(null=True, verbose_name="asked for a review, done")),
        ],
        options={
            "verbose_name": "question after the arrival",
            "verbose_name_plural": "questions after the arrival",
            "indexes": [
                models.Index(condition=models.Q(("state", "waiting")), fields=["ask_at", "id"], name="arrival_to_ask"),
                models.Index(
                    condition=models.Q(("invited_at__isnull", True), ("state", "happy")),
                    fields=["invite_at", "id"],
                    name="arrival_to_invite",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("answered_at__isnull", False), ("state__in", ["happy", "not_quite"])),
                        models.Q(
                            models.Q(("state__in", ["happy", "not_quite"]), _negated=True),
                            ("answered_at__isnull", True),
                        ),
                        _connector="OR",
                    ),
                    name="arrival_answer_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "not_quite"), models.Q(("what", ""), _negated=True)),
                        models.Q(models.Q(("state", "not_quite"), _negated=True), ("what", "")),
                        _connector="OR",
                    ),
                    name="arrival_says_what",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "asked"), _negated=True), ("asked_at__isnull", False), _connector="OR"
                    ),
                    name="arrival_asked_has_a_moment",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CreditEntry",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "account",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="orders.storecredit"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[("issue", "given"), ("spend", "spent"), ("restore", "given back"), ("expire", "expired")],
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            (
                "amount_minor",
                models.IntegerField(help_text="Below zero when it was spent.", verbose_name="amount (minor units)"),
            ),
            ("key", models.CharField(max_length=120, unique=True, verbose_name="idempotency key")),
            ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            (
                "order",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="credit_entries",
                    to="orders.order",
                ),
            ),
            ("expires_on", models.DateField(null=True, verbose_name="last day")),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("happened_at", models.DateTimeField(verbose_name="happened at")),
            (
                "recorded_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded at"),
            ),
        ],
        options={
            "verbose_name": "store credit entry",
            "verbose_name_plural": "store credit entries",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("amount_minor__gt", 0), ("kind__in", ["issue", "restore"])),
                        models.Q(("amount_minor__lt", 0), ("kind__in", ["spend", "expire"])),
                        _connector="OR",
                    ),
                    name="credit_entry_direction",
                )
            ],
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
                "in_other_languages",
                models.JSONField(
                    blank=True,
                    default=dict,
                    help_text="Who reads another language reads this; where it is empty, what stands above.",
                    verbose_name="the same in other languages",
                ),
            ),
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
            (
                "incident",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="orders.incident"
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
                django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
            ),
            (
                "workshop_ids",
                django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
            ),
            (
                "product_ids",
                django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
            ),
            ("current", models.BooleanField(default=True, verbose_name="holds")),
            (
                "made_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("made_at", models.DateTimeField(verbose_name="told at")),
            ("cursor", models.BigIntegerField(default=0)),
            ("behind", models.BigIntegerField(null=True)),
            ("pass_at", models.DateTimeField(null=True, verbose_name="next look at all orders")),
            ("told_all_at", models.DateTimeField(null=True, verbose_name="everybody was told at")),
        ],
        options={
            "verbose_name": "version of a crisis",
            "verbose_name_plural": "versions of crises",
            "indexes": [
                models.Index(
                    condition=models.Q(("pass_at__isnull", False)), fields=["pass_at", "id"], name="incident_to_tell"
                ),
                models.Index(
                    condition=models.Q(("current", True), models.Q(("kind", "over"), _negated=True)),
                    fields=["ends_on"],
                    name="incident_on_pages",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("incident", "number"), name="incident_version_once"),
                models.UniqueConstraint(
                    condition=models.Q(("current", True)), fields=("incident",), name="incident_one_holds"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderAccess",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="links", to="orders.order"),
            ),
            (
                "purpose",
                models.CharField(choices=[("track", "follow the order")], max_length=8, verbose_name="purpose"),
            ),
            ("token_hash", models.CharField(max_length=64, unique=True, verbose_name="token (hashed)")),
            ("issued_at", models.DateTimeField(verbose_name="issued at")),
            ("expires_at", models.DateTimeField(verbose_name="expires at")),
            ("revoked_at", models.DateTimeField(null=True, verbose_name="revoked at")),
        ],
        options={
            "verbose_name": "secret link",
            "verbose_name_plural": "secret links",
        },
    ),
    migrations.CreateModel(
        name="OrderChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="orders.order"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("staged", "waits to be confirmed"),
                        ("paying", "is being paid"),
                        ("applied", "done"),
                        ("withdrawn", "left as it was"),
                        ("refused", "paid, but not possible any more"),
                    ],
                    default="staged",
                    max_length=9,
                    verbose_name="state",
                ),
            ),
            (
                "wishes",
                models.JSONField(help_text="Line, form and pieces of each line that changes.", verbose_name="wanted"),
            ),
            ("before", models.JSONField(default=list, verbose_name="before")),
            ("after", models.JSONField(default=list, verbose_name="after")),
            ("old_total_minor", models.PositiveIntegerField(verbose_name="total before (minor units)")),
            ("new_total_minor", models.PositiveIntegerField(verbose_name="total after (minor units)")),
            ("pay_minor", models.PositiveIntegerField(default=0, verbose_name="asked for (minor units)")),
            ("attempt", models.PositiveSmallIntegerField(default=0, verbose_name="attempts to pay")),
            ("payment_token", models.CharField(blank=True, max_length=64, verbose_name="how to charge")),
            ("paying_at", models.DateTimeField(null=True, verbose_name="confirmed to pay at")),
            ("session_ref", models.CharField(blank=True, max_length=100, verbose_name="payment page's reference")),
            ("session_url", models.CharField(blank=True, max_length=2000, verbose_name="payment page")),
            ("offered_at", models.DateTimeField(null=True, verbose_name="offered to the shopper at")),
            ("due_at", models.DateTimeField(verbose_name="to be looked at")),
            (
                "staged_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("staged_at", models.DateTimeField(verbose_name="staged at")),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
        ],
        options={
            "verbose_name": "change of an order",
            "verbose_name_plural": "changes of orders",
            "permissions": [("change_pieces", "Can change sizes and pieces of an order for a shopper")],
            "indexes": [
                models.Index(
                    condition=models.Q(("state__in", ["staged", "paying"])),
                    fields=["due_at", "id"],
                    name="order_change_due",
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["staged", "paying"])),
                    fields=("order",),
                    name="order_change_one_open",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("state__in", ["staged", "paying"]), ("settled_at__isnull", False), _connector="OR"
                    ),
                    name="order_change_settled",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderDraft",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "cart",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="draft", to="orders.cart"
                ),
            ),
            (
                "order",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="draft", to="orders.order"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("open", "waits for her"),
                        ("placed", "ordered"),
                        ("dropped", "dropped by us"),
                        ("expired", "ran out"),
                    ],
                    default="open",
                    max_length=7,
                    verbose_name="state",
                ),
            ),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
            ("full_name", models.CharField(blank=True, max_length=120, verbose_name="for")),
            ("details", models.JSONField(default=dict, verbose_name="address and delivery")),
            ("discount_bp", models.PositiveIntegerField(default=0, verbose_name="agreed discount (basis points)")),
            ("locale", models.CharField(default="en", max_length=10, verbose_name="language")),
            ("token_hash", models.CharField(max_length=64, null=True, unique=True, verbose_name="link (hashed)")),
            ("sent_at", models.DateTimeField(null=True, verbose_name="link sent at")),
            ("expires_at", models.DateTimeField(verbose_name="held until")),
            (
                "made_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("made_at", models.DateTimeField(verbose_name="made at")),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
        ],
        options={
            "verbose_name": "order by phone",
            "verbose_name_plural": "orders by phone",
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "open")), fields=["expires_at", "id"], name="order_draft_open"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("settled_at__isnull", True), ("state", "open")),
                        models.Q(
                            models.Q(("state", "open"), _negated=True),
                            ("email", ""),
                            ("full_name", ""),
                            ("settled_at__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="order_draft_settled",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state", "placed"), _negated=True), ("order__isnull", False), _connector="OR"
                    ),
                    name="order_draft_placed",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="orders.order"),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("sale", "bought"),
                        ("exchange", "sent in exchange"),
                        ("instead", "sent instead of a missing piece"),
                        ("free", "free gift"),
                    ],
                    default="sale",
                    max_length=8,
                    verbose_name="kind",
                ),
            ),
            (
                "exchange_of",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="exchanges",
                    to="orders.orderline",
                ),
            ),
            (
                "variant",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.variant"),
            ),
            ("sku", models.CharField(max_length=40, verbose_name="article number")),
            ("title", models.CharField(max_length=120, verbose_name="title")),
            ("options_label", models.CharField(blank=True, max_length=120, verbose_name="options")),
            ("image_path", models.CharField(blank=True, max_length=200, verbose_name="picture")),
            ("measurements", models.JSONField(default=dict, verbose_name="measurements shown")),
            ("making_days", models.PositiveSmallIntegerField(default=0, verbose_name="making time (working days)")),
            ("unit_minor", models.PositiveIntegerField(verbose_name="price each (minor units)")),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="quantity")),
            ("gross_minor", models.PositiveIntegerField(verbose_name="together (minor units)")),
            ("discount_minor", models.PositiveIntegerField(default=0, verbose_name="taken off (minor units)")),
            ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (basis points)")),
            ("tax_minor", models.PositiveIntegerField(verbose_name="tax included (minor units)")),
            (
                "units_paid_minor",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.PositiveIntegerField(),
                    default=list,
                    size=None,
                    verbose_name="paid for each piece (minor units)",
                ),
            ),
            (
                "units_tax_minor",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.PositiveIntegerField(),
                    default=list,
                    size=None,
                    verbose_name="tax in each piece (minor units)",
                ),
            ),
            ("qty_cancelled", models.PositiveSmallIntegerField(default=0)),
            (
                "qty_missing",
                models.PositiveSmallIntegerField(
                    db_default=0,
                    default=0,
                    help_text="Pieces nobody speaks for: they were not there, and she has not chosen.",
                ),
            ),
            (
                "qty_replaced",
                models.PositiveSmallIntegerField(
                    db_default=0, default=0, help_text="Pieces for which another line is sent instead."
                ),
            ),
            ("qty_handed_over", models.PositiveSmallIntegerField(default=0)),
            ("qty_delivered", models.PositiveSmallIntegerField(default=0)),
            ("qty_returned", models.PositiveSmallIntegerField(default=0)),
        ],
        options={
            "verbose_name": "order line",
            "verbose_name_plural": "order lines",
            "indexes": [
                models.Index(
                    django.db.models.functions.text.Upper("sku"),
                    models.OrderBy(models.F("order"), descending=True),
                    name="line_of_sku",
                )
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="line_has_pieces"),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "gross_minor",
                            django.db.models.expressions.CombinedExpression(
                                models.F("unit_minor"), "*", models.F("quantity")
                            ),
                        )
                    ),
                    name="line_adds_up",
                ),
                models.CheckConstraint(
                    condition=models.Q(("discount_minor__lte", models.F("gross_minor"))), name="line_discount_inside"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "qty_handed_over__lte",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"), "-", models.F("qty_cancelled")
                                    ),
                                    "-",
                                    models.F("qty_missing"),
                                ),
                                "-",
                                models.F("qty_replaced"),
                            ),
                        )
                    ),
                    name="line_handed_over",
                ),
                models.CheckConstraint(
                    condition=models.Q(("qty_delivered__lte", models.F("qty_handed_over"))), name="line_delivered"
                ),
                models.CheckConstraint(
                    condition=models.Q(("qty_returned__lte", models.F("qty_delivered"))), name="line_returned"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="OrderNote",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="orders.order"),
            ),
            ("text", models.CharField(max_length=2000, verbose_name="note")),
            (
                "author",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "author_name",
                models.CharField(
                    help_text="As it was then: it stays when the account goes.", max_length=150, verbose_name="by"
                ),
            ),
            ("key", models.UUIDField(unique=True, verbose_name="key")),
            ("written_at", models.DateTimeField(verbose_name="written at")),
            (
                "recorded_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded at"),
            ),
        ],
        options={
            "verbose_name": "note on an order",
            "verbose_name_plural": "notes on orders",
            "permissions": [("write_note", "Can write notes on orders")],
            "indexes": [models.Index(fields=["order", "-written_at", "-id"], name="order_note_newest")],
        },
    ),
    migrations.CreateModel(
        name="Parcel",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="parcels", to="orders.order"
                ),
            ),
            ("number", models.PositiveSmallIntegerField(verbose_name="parcel")),
            (
                "status",
                models.CharField(
                    choices=[
                        ("planned", "to be packed"),
                        ("packed", "packed"),
                        ("handed_over", "handed over"),
                        ("delivered", "delivered"),
                        ("cancelled", "cancelled"),
                    ],
                    default="planned",
                    max_length=12,
                    verbose_name="status",
                ),
            ),
            ("carrier", models.CharField(blank=True, max_length=40, verbose_name="carrier")),
            ("tracking_number", models.CharField(blank=True, max_length=60, verbose_name="tracking number")),
            ("carrier_status", models.CharField(blank=True, max_length=20, verbose_name="carrier says")),
            ("carrier_eta_on", models.DateField(null=True, verbose_name="carrier expects")),
            ("last_scan_at", models.DateTimeField(null=True, verbose_name="last scan")),
            ("poll_at", models.DateTimeField(null=True, verbose_name="courier is asked at")),
            ("followed_at", models.DateTimeField(null=True, verbose_name="courier was told to report since")),
            (
                "due_at",
                models.DateTimeField(
                    help_text="Only of an exchange: no promise waits.", null=True, verbose_name="has to leave by"
                ),
            ),
            ("made_at", models.DateTimeField(null=True, verbose_name="made at")),
            ("packed_at", models.DateTimeField(null=True, verbose_name="packed at")),
            (
                "packed_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("labelled_at", models.DateTimeField(null=True, verbose_name="labelled at")),
            ("handed_over_at", models.DateTimeField(null=True, verbose_name="handed over at")),
            ("delivered_at", models.DateTimeField(null=True, verbose_name="delivered at")),
            ("delivered_source", models.CharField(blank=True, max_length=10, verbose_name="who says so")),
        ],
        options={
            "verbose_name": "parcel",
            "verbose_name_plural": "parcels",
            "permissions": [
                ("pack_parcel", "Can pack parcels"),
                ("hand_over_parcel", "Can hand parcels over to a courier"),
                ("note_scan", "Can note what a courier said about parcels"),
            ],
            "indexes": [
                models.Index(
                    django.contrib.postgres.indexes.OpClass(
                        django.db.models.functions.text.Upper("tracking_number"), name="text_pattern_ops"
                    ),
                    condition=models.Q(("tracking_number", ""), _negated=True),
                    name="parcel_of_tracking",
                ),
                models.Index(condition=models.Q(("status", "packed")), fields=["labelled_at"], name="parcel_labelled"),
                models.Index(
                    django.db.models.functions.comparison.Coalesce("last_scan_at", "handed_over_at"),
                    condition=models.Q(("status", "handed_over")),
                    name="parcel_heard_of",
                ),
                models.Index(
                    condition=models.Q(("status", "delivered")), fields=["delivered_at"], name="parcel_arrived"
                ),
                models.Index(
                    condition=models.Q(("poll_at__isnull", False)), fields=["poll_at", "id"], name="parcel_to_ask_about"
                ),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("order", "number"), name="parcel_number_once"),
                models.UniqueConstraint(
                    condition=models.Q(("tracking_number", ""), _negated=True),
                    fields=("carrier", "tracking_number"),
                    name="tracking_number_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("status__in", ["planned", "packed", "cancelled"]),
                        models.Q(("tracking_number", ""), _negated=True),
                        ("carrier", "pickup"),
                        _connector="OR",
                    ),
                    name="handed_over_has_tracking",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status", "delivered"), _negated=True),
                        ("delivered_at__isnull", False),
                        _connector="OR",
                    ),
                    name="delivered_has_a_moment",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Payment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="payment", to="orders.order"
                ),
            ),
            (
                "provider",
                models.CharField(
                    choices=[
                        ("test_card", "test card"),
                        ("stripe", "card"),
                        ("bank_transfer", "bank transfer"),
                        ("cash_on_delivery", "cash on delivery"),
                        ("store_credit", "store credit"),
                    ],
                    max_length=20,
                    verbose_name="paid by",
                ),
            ),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            ("due_minor", models.PositiveIntegerField(verbose_name="due (minor units)")),
            ("captured_minor", models.PositiveIntegerField(default=0, verbose_name="received (minor units)")),
            ("granted_minor", models.PositiveIntegerField(default=0, verbose_name="refunds granted (minor units)")),
            ("refunded_minor", models.PositiveIntegerField(default=0, verbose_name="refunded (minor units)")),
            (
                "beyond_minor",
                models.PositiveIntegerField(
                    db_default=0,
                    default=0,
                    help_text="Refunds granted of money nobody owed: it does not count as received.",
                    verbose_name="of it beyond the price (minor units)",
                ),
            ),
            (
                "charged_back_minor",
                models.PositiveIntegerField(default=0, verbose_name="taken back by the bank (minor units)"),
            ),
            (
                "credit_minor",
                models.PositiveIntegerField(default=0, verbose_name="paid with store credit (minor units)"),
            ),
            ("session_ref", models.CharField(blank=True, max_length=100, verbose_name="payment page's reference")),
            ("session_url", models.CharField(blank=True, max_length=2000, verbose_name="payment page")),
            ("session_expires_at", models.DateTimeField(null=True, verbose_name="payment page open until")),
            (
                "expires_at",
                models.DateTimeField(
                    help_text="The order is let go after that.", null=True, verbose_name="to be paid by"
                ),
            ),
            ("reminded_at", models.DateTimeField(null=True, verbose_name="reminded at")),
        ],
        options={
            "verbose_name": "payment",
            "verbose_name_plural": "payments",
            "permissions": [("note_payment", "Can note that money has come in")],
            "indexes": [
                models.Index(
                    condition=models.Q(("expires_at__isnull", False)),
                    fields=["expires_at", "id"],
                    name="payment_expiry",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("granted_minor__lte", models.F("captured_minor"))),
                    name="granted_within_captured",
                ),
                models.CheckConstraint(
                    condition=models.Q(("refunded_minor__lte", models.F("granted_minor"))),
                    name="refunded_within_granted",
                ),
                models.CheckConstraint(
                    condition=models.Q(("beyond_minor__lte", models.F("granted_minor"))), name="beyond_within_granted"
                ),
                models.CheckConstraint(
                    condition=models.Q(("charged_back_minor__lte", models.F("captured_minor"))),
                    name="charged_back_within_captured",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Promise",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="promises", to="orders.order"
                ),
            ),
            ("version", models.PositiveSmallIntegerField(verbose_name="version")),
            (
                "source",
                models.CharField(
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
            ("deliver_from_on", models.DateField(verbose_name="arrives from")),
            ("deliver_by_on", models.DateField(verbose_name="arrives by")),
            ("starts_on", models.DateField(verbose_name="we start on")),
            ("pack_by_at", models.DateTimeField(verbose_name="packed by")),
            ("hand_over_by_at", models.DateTimeField(verbose_name="handed over by")),
            (
                "breaks_at",
                models.DateTimeField(
                    help_text="The end of the promised day at the destination.", verbose_name="broken after"
                ),
            ),
            ("basis", models.JSONField(verbose_name="computed from")),
            ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason the shopper reads")),
            ("made_at", models.DateTimeField(verbose_name="made at")),
            ("told_at", models.DateTimeField(null=True, verbose_name="told at")),
        ],
        options={
            "verbose_name": "promise",
            "verbose_name_plural": "promises",
            "indexes": [models.Index(condition=models.Q(("version", 1)), fields=["starts_on"], name="promise_starts")],
            "constraints": [
                models.UniqueConstraint(fields=("order", "version"), name="promise_version_once"),
                models.CheckConstraint(
                    condition=models.Q(("deliver_from_on__lte", models.F("deliver_by_on"))), name="promise_range"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PromiseOutcome",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="outcome", to="orders.order"
                ),
            ),
            ("delivered_at", models.DateTimeField(db_index=True, verbose_name="delivered at")),
            ("promised_by_on", models.DateField(verbose_name="first promised by")),
            ("told_by_on", models.DateField(verbose_name="last told by")),
            ("kept_first", models.BooleanField(verbose_name="kept the first promise")),
            ("kept_told", models.BooleanField(verbose_name="kept the last promise that was told")),
            ("late_days", models.PositiveSmallIntegerField(default=0, verbose_name="days late against the first")),
            (
                "late_days_told",
                models.PositiveSmallIntegerField(default=0, verbose_name="days late against the last told"),
            ),
            (
                "told_in_time",
                models.BooleanField(default=True, verbose_name="told before the first promise was broken"),
            ),
            ("country", models.CharField(max_length=2, verbose_name="country")),
            (
                "service",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.servicelevel"
                ),
            ),
            (
                "stage",
                models.CharField(
                    blank=True,
                    choices=[("workshop", "before the hand-over"), ("road", "on the road")],
                    max_length=8,
                    verbose_name="where time was lost",
                ),
            ),
            (
                "cause",
                models.CharField(
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
            (
                "level_bp",
                models.PositiveSmallIntegerField(
                    help_text="Empty: the promise names none.",
                    null=True,
                    verbose_name="promised probability (basis points)",
                ),
            ),
        ],
        options={
            "verbose_name": "outcome of a promise",
            "verbose_name_plural": "outcomes of promises",
            "permissions": [("view_board", "Can see the board of promises")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("kept_first", True), ("late_days__gte", 1), _connector="OR"),
                    name="late_has_days",
                ),
                models.CheckConstraint(
                    condition=models.Q(("kept_first", True), models.Q(("stage", ""), _negated=True), _connector="OR"),
                    name="late_has_a_stage",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Redemption",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "promotion",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="redemptions", to="orders.promotion"
                ),
            ),
            (
                "voucher",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="redemptions",
                    to="orders.voucher",
                ),
            ),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="redemptions", to="orders.order"
                ),
            ),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("saved_minor", models.PositiveIntegerField(verbose_name="saved (minor units)")),
            ("customer_key", models.CharField(max_length=64, verbose_name="e-mail address (hashed)")),
            (
                "turn",
                models.PositiveSmallIntegerField(
                    help_text="Which of the uses one e-mail address has; empty: as often as she likes.",
                    null=True,
                    verbose_name="turn",
                ),
            ),
            ("made_at", models.DateTimeField(verbose_name="used at")),
            ("released_at", models.DateTimeField(null=True, verbose_name="given back at")),
        ],
        options={
            "verbose_name": "redemption",
            "verbose_name_plural": "redemptions",
            "constraints": [
                models.UniqueConstraint(fields=("order", "promotion"), name="redemption_once_an_order"),
                models.UniqueConstraint(
                    condition=models.Q(("released_at__isnull", True), ("turn__isnull", False)),
                    fields=("promotion", "customer_key", "turn"),
                    name="redemption_turn_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Submission",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.UUIDField(unique=True, verbose_name="key")),
            ("fingerprint", models.CharField(max_length=64, verbose_name="what was sent (hashed)")),
            (
                "order",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="submission", to="orders.order"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[("claimed", "claimed"), ("done", "done"), ("refused", "refused")],
                    default="claimed",
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            ("payment_token", models.CharField(blank=True, max_length=64, verbose_name="how to charge")),
            ("claimed_at", models.DateTimeField(verbose_name="claimed at")),
            ("lease_until", models.DateTimeField(verbose_name="leased until")),
            ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
        ],
        options={
            "verbose_name": "submission",
            "verbose_name_plural": "submissions",
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "claimed")), fields=["lease_until", "id"], name="submission_open"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="DelayCase",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="delays", to="orders.order"
                ),
            ),
            ("round", models.PositiveSmallIntegerField(default=1, verbose_name="round")),
            (
                "cause",
                models.CharField(
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
            ("reason", models.CharField(max_length=300, verbose_name="reason the shopper reads")),
            (
                "broken_promise",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.promise"),
            ),
            (
                "new_promise",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="delay", to="orders.promise"
                ),
            ),
            ("noticed_at", models.DateTimeField(verbose_name="noticed at")),
            (
                "decide_by_at",
                models.DateTimeField(
                    help_text="Set when silence is no consent: from the second delay on.",
                    null=True,
                    verbose_name="her word is needed by",
                ),
            ),
            ("word_missed_at", models.DateTimeField(null=True, verbose_name="no word came, noticed at")),
            (
                "decision",
                models.CharField(
                    blank=True,
                    choices=[
                        ("keep", "waits for it"),
                        ("split", "takes what is ready now"),
                        ("change", "changed where or when it comes"),
                        ("swap", "takes something else instead"),
                        ("cancel", "cancelled it"),
                    ],
                    max_length=8,
                    verbose_name="what she chose",
                ),
            ),
            ("decided_at", models.DateTimeField(null=True, verbose_name="chosen at")),
            (
                "decided_by",
                models.ForeignKey(
                    help_text="Empty: she chose it herself.",
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="noted by",
                ),
            ),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
        ],
        options={
            "verbose_name": "delay",
            "verbose_name_plural": "delays",
            "permissions": [("note_decision", "Can note what a shopper chose about a delay")],
            "indexes": [
                models.Index(
                    condition=models.Q(
                        ("decision", ""), ("settled_at__isnull", True), ("word_missed_at__isnull", True)
                    ),
                    fields=["decide_by_at", "id"],
                    name="delay_needs_a_word",
                )
            ],
            "constraints": [
                models.UniqueConstraint(fields=("order", "round"), name="delay_round_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at__isnull", True), ("decision", "")),
                        models.Q(models.Q(("decision", ""), _negated=True), ("decided_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="decision_has_a_moment",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="IncidentNotice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "version",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="orders.incidentversion"
                ),
            ),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="incident_notices", to="orders.order"
                ),
            ),
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
            (
                "base",
                models.ForeignKey(
                    help_text="What held before it.",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="orders.promise",
                ),
            ),
            (
                "promise",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.promise"
                ),
            ),
            ("counted_on", models.DateField(verbose_name="counted from")),
            ("facts", models.CharField(blank=True, max_length=64, verbose_name="what it says (hashed)")),
            (
                "event",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.event"
                ),
            ),
            ("made_at", models.DateTimeField(verbose_name="made at")),
        ],
        options={
            "verbose_name": "notice of a crisis",
            "verbose_name_plural": "notices of crises",
            "constraints": [
                models.UniqueConstraint(fields=("order", "version"), name="incident_told_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("event__isnull", False), ("outcome", "told")),
                        models.Q(models.Q(("outcome", "told"), _negated=True), ("event__isnull", True)),
                        _connector="OR",
                    ),
                    name="incident_told_by_an_event",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ParcelLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "parcel",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.parcel"
                ),
            ),
            (
                "line",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="parcel_lines", to="orders.orderline"
                ),
            ),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="quantity")),
        ],
        options={
            "verbose_name": "parcel line",
            "verbose_name_plural": "parcel lines",
            "constraints": [
                models.UniqueConstraint(fields=("parcel", "line"), name="parcel_line_once"),
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="parcel_line_has_pieces"),
            ],
        },
    ),
    migrations.CreateModel(
        name="ParcelPlan",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "parcel",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="orders.parcel"
                ),
            ),
            ("version", models.PositiveSmallIntegerField(verbose_name="version")),
            ("deliver_from_on", models.DateField(verbose_name="arrives from")),
            ("deliver_by_on", models.DateField(verbose_name="arrives by")),
            ("starts_on", models.DateField(verbose_name="we start on")),
            ("pack_by_at", models.DateTimeField(verbose_name="packed by")),
            ("hand_over_by_at", models.DateTimeField(verbose_name="handed over by")),
            ("breaks_at", models.DateTimeField(verbose_name="broken after")),
            ("basis", models.JSONField(verbose_name="computed from")),
            ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason the shopper reads")),
            ("made_at", models.DateTimeField(verbose_name="made at")),
        ],
        options={
            "verbose_name": "plan of a parcel",
            "verbose_name_plural": "plans of parcels",
            "constraints": [
                models.UniqueConstraint(fields=("parcel", "version"), name="parcel_plan_version_once"),
                models.CheckConstraint(
                    condition=models.Q(("deliver_from_on__lte", models.F("deliver_by_on"))), name="parcel_plan_range"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PaymentEvent",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "payment",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="events", to="orders.payment"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("capture", "received"),
                        ("refund", "refunded"),
                        ("bounced", "refund came back"),
                        ("chargeback", "taken back by the bank"),
                        ("reversal", "given back by the bank"),
                    ],
                    max_length=10,
                    verbose_name="kind",
                ),
            ),
            (
                "means",
                models.CharField(
                    choices=[("provider", "the way the order is paid"), ("store_credit", "store credit")],
                    default="provider",
                    max_length=12,
                    verbose_name="through",
                ),
            ),
            (
                "phase",
                models.CharField(
                    choices=[("requested", "requested"), ("succeeded", "succeeded"), ("failed", "failed")],
                    max_length=10,
                    verbose_name="phase",
                ),
            ),
            ("amount_minor", models.PositiveIntegerField(verbose_name="amount (minor units)")),
            (
                "of",
                models.ForeignKey(
                    help_text="What came in and goes back here; empty when a person sent it another way.",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="sent_back",
                    to="orders.paymentevent",
                    verbose_name="of the sum received",
                ),
            ),
            ("provider_ref", models.CharField(blank=True, max_length=100, verbose_name="provider's reference")),
            ("key", models.CharField(max_length=120, verbose_name="idempotency key")),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("happened_at", models.DateTimeField(verbose_name="happened at")),
            (
                "recorded_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded at"),
            ),
        ],
        options={
            "verbose_name": "payment event",
            "verbose_name_plural": "payment events",
            "constraints": [
                models.UniqueConstraint(fields=("payment", "kind", "phase", "key"), name="payment_event_once"),
                models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="payment_event_amount"),
            ],
        },
    ),
    migrations.CreateModel(
        name="RefundGrant",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "payment",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="orders.payment"
                ),
            ),
            ("amount_minor", models.PositiveIntegerField(verbose_name="amount (minor units)")),
            ("reason", models.CharField(max_length=200, verbose_name="reason")),
            (
                "origin",
                models.CharField(
                    help_text="Such as returns.case:12.", max_length=80, unique=True, verbose_name="decided for"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "waits for a second person"),
                        ("refused", "not approved"),
                        ("granted", "granted"),
                        ("by_hand", "to be paid out by hand"),
                        ("sent", "sent"),
                        ("failed", "failed"),
                    ],
                    default="granted",
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            (
                "granted_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("granted_at", models.DateTimeField(verbose_name="granted at")),
            (
                "destination",
                models.CharField(
                    choices=[
                        ("original", "back the way it was paid"),
                        ("store_credit", "store credit"),
                        ("bank", "bank account, by hand"),
                    ],
                    default="original",
                    max_length=12,
                    verbose_name="goes to",
                ),
            ),
            ("credit_minor", models.PositiveIntegerField(default=0, verbose_name="of it store credit (minor units)")),
            ("needs_second", models.BooleanField(default=False, verbose_name="needs a second person")),
            (
                "decided_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("decided_at", models.DateTimeField(null=True, verbose_name="approved or refused at")),
            (
                "due_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
            ),
            ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
            ("error", models.CharField(blank=True, max_length=300, verbose_name="last problem")),
            ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
        ],
        options={
            "verbose_name": "refund",
            "verbose_name_plural": "refunds",
            "permissions": [
                ("grant_refund", "Can decide that money goes back"),
                ("settle_refund", "Can note that a refund was paid out by hand"),
                ("approve_refund", "Can approve refunds above the limit, as the second person"),
            ],
            "indexes": [
                models.Index(condition=models.Q(("state", "granted")), fields=["due_at", "id"], name="refund_due")
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="refund_amount"),
                models.CheckConstraint(
                    condition=models.Q(("credit_minor__lte", models.F("amount_minor"))), name="refund_credit_inside"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("needs_second", False), ("state", "asked"), ("decided_at__isnull", False), _connector="OR"
                    ),
                    name="refund_decided_by_two",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_by", models.F("granted_by")), _negated=True),
                        ("state", "refused"),
                        _connector="OR",
                    ),
                    name="refund_decided_by_another",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StuckParcel",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "parcel",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="stuck", to="orders.parcel"
                ),
            ),
            (
                "cause",
                models.CharField(
                    choices=[
                        ("label", "labelled and not handed over"),
                        ("scan", "no news from the courier"),
                        ("window", "delivered when nobody was to be at home"),
                    ],
                    max_length=8,
                    verbose_name="cause",
                ),
            ),
            ("since_at", models.DateTimeField(verbose_name="since")),
            ("found_at", models.DateTimeField(verbose_name="found at")),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
            (
                "settled_by",
                models.ForeignKey(
                    help_text="Empty: it moved on by itself.",
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="settled by",
                ),
            ),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="what was done")),
        ],
        options={
            "verbose_name": "stuck parcel",
            "verbose_name_plural": "stuck parcels",
            "indexes": [
                models.Index(
                    condition=models.Q(("settled_at__isnull", True)), fields=["found_at", "id"], name="stuck_open"
                )
            ],
            "constraints": [models.UniqueConstraint(fields=("parcel", "cause", "since_at"), name="stuck_found_once")],
        },
    ),
    migrations.CreateModel(
        name="TrackingEvent",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "parcel",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="tracking", to="orders.parcel"
                ),
            ),
            ("provider", models.CharField(max_length=40, verbose_name="provider")),
            ("external_id", models.CharField(max_length=100, verbose_name="provider's id")),
            ("status", models.CharField(max_length=20, verbose_name="status")),
            ("reason", models.CharField(blank=True, max_length=40, verbose_name="reason")),
            ("place", models.CharField(blank=True, max_length=100, verbose_name="place")),
            ("words", models.CharField(blank=True, max_length=300, verbose_name="in the carrier's words")),
            ("eta_on", models.DateField(null=True, verbose_name="expected on")),
            ("occurred_at", models.DateTimeField(verbose_name="happened at")),
            (
                "received_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received at"),
            ),
        ],
        options={
            "verbose_name": "tracking event",
            "verbose_name_plural": "tracking events",
            "indexes": [models.Index(fields=["parcel", "occurred_at", "id"], name="tracking_of_parcel")],
            "constraints": [models.UniqueConstraint(fields=("provider", "external_id"), name="tracking_event_once")],
        },
    ),
    migrations.CreateModel(
        name="Unavailability",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="unavailabilities", to="orders.order"
                ),
            ),
            (
                "line",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="unavailabilities", to="orders.orderline"
                ),
            ),
            (
                "parcel",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="unavailabilities", to="orders.parcel"
                ),
            ),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="pieces")),
            (
                "cause",
                models.CharField(
                    choices=[
                        ("counted", "the shelf was counted"),
                        ("damaged", "pieces were damaged"),
                        ("picked", "not found when packing"),
                        ("arrival", "the next ones come later, or not at all"),
                    ],
                    max_length=10,
                    verbose_name="cause",
                ),
            ),
            ("note", models.CharField(blank=True, max_length=200, verbose_name="note for staff")),
            ("key", models.CharField(max_length=120, unique=True, verbose_name="idempotency key")),
            ("found_at", models.DateTimeField(verbose_name="found at")),
            (
                "found_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("open", "waits for her choice"),
                        ("waiting", "waits for an arrival"),
                        ("settled", "settled"),
                    ],
                    default="open",
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            (
                "choice",
                models.CharField(
                    blank=True,
                    choices=[
                        ("other", "another one instead"),
                        ("later", "later, when it is back"),
                        ("rest", "the rest, and money back"),
                        ("cancel", "cancel the order"),
                    ],
                    max_length=8,
                    verbose_name="her choice",
                ),
            ),
            ("chosen_at", models.DateTimeField(null=True, verbose_name="chosen at")),
            (
                "chosen_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="chosen for her by",
                ),
            ),
            (
                "instead",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stands_for",
                    to="orders.orderline",
                ),
            ),
            (
                "arrival",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.stockarrival"
                ),
            ),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
        ],
        options={
            "verbose_name": "missing piece",
            "verbose_name_plural": "missing pieces",
            "permissions": [("take_promised", "Can take pieces that are promised to orders")],
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "open")), fields=["found_at", "id"], name="unavailability_open"
                ),
                models.Index(
                    condition=models.Q(("state", "waiting")), fields=["found_at", "id"], name="unavailability_waiting"
                ),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="unavailability_has_pieces"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("choice", ""), ("state", "open")),
                        models.Q(("choice", "later"), ("state", "waiting")),
                        ("state", "settled"),
                        _connector="OR",
                    ),
                    name="unavailability_state_fits_choice",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BankLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=64, unique=True, verbose_name="key")),
            ("booked_on", models.DateField(verbose_name="booked on")),
            ("amount_minor", models.IntegerField(verbose_name="amount (minor units)")),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            ("payer", models.CharField(blank=True, max_length=140, verbose_name="from")),
            ("purpose", models.CharField(blank=True, max_length=500, verbose_name="purpose")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("matched", "pays its order"),
                        ("part", "pays a part"),
                        ("over", "more than was due; the rest goes back"),
                        ("unknown", "nobody knows what for"),
                        ("set_aside", "not for an order"),
                    ],
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("why", models.CharField(blank=True, max_length=200, verbose_name="why")),
            (
                "order",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="bank_lines", to="orders.order"
                ),
            ),
            (
                "event",
                models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.paymentevent"
                ),
            ),
            (
                "decided_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("imported_at", models.DateTimeField(verbose_name="imported at")),
        ],
        options={
            "verbose_name": "line of a bank statement",
            "verbose_name_plural": "lines of bank statements",
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "unknown")), fields=["booked_on", "id"], name="bank_line_unknown"
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("event__isnull", True), ("state__in", ["unknown", "set_aside"])),
                        models.Q(
                            ("event__isnull", False),
                            ("order__isnull", False),
                            ("state__in", ["matched", "part", "over"]),
                        ),
                        _connector="OR",
                    ),
                    name="bank_line_noted",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Document",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("invoice", "invoice"), ("credit_note", "credit note")], max_length=12, verbose_name="kind"
                ),
            ),
            ("year", models.PositiveSmallIntegerField(verbose_name="year")),
            ("sequence", models.PositiveIntegerField(verbose_name="number in the year")),
            ("number", models.CharField(max_length=30, unique=True, verbose_name="number")),
            (
                "order",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="orders.order"
                ),
            ),
            (
                "corrects",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="corrections",
                    to="orders.document",
                ),
            ),
            (
                "grant",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="document",
                    to="orders.refundgrant",
                ),
            ),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            ("total_minor", models.PositiveIntegerField(verbose_name="total (minor units)")),
            ("tax_minor", models.PositiveIntegerField(verbose_name="tax in it (minor units)")),
            ("content", models.JSONField(verbose_name="what is printed")),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("issued_on", models.DateField(verbose_name="of the day")),
            ("issued_at", models.DateTimeField(verbose_name="issued at")),
        ],
        options={
            "verbose_name": "invoice or credit note",
            "verbose_name_plural": "invoices and credit notes",
            "permissions": [("correct_document", "Can correct invoices")],
            "constraints": [
                models.UniqueConstraint(fields=("kind", "year", "sequence"), name="document_number_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("grant__isnull", True), ("kind", "invoice")),
                        models.Q(("corrects__isnull", False), ("kind", "credit_note")),
                        _connector="OR",
                    ),
                    name="credit_note_corrects_something",
                ),
                models.CheckConstraint(
                    condition=models.Q(("tax_minor__lte", models.F("total_minor"))), name="document_tax_inside"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RefundItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "grant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="items", to="orders.refundgrant"
                ),
            ),
            (
                "line",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="refunds",
                    to="orders.orderline",
                ),
            ),
            ("number", models.PositiveSmallIntegerField(verbose_name="piece")),
            ("whole", models.BooleanField(default=False, verbose_name="the whole piece")),
            ("amount_minor", models.PositiveIntegerField(verbose_name="amount (minor units)")),
            ("tax_minor", models.PositiveIntegerField(verbose_name="tax in it (minor units)")),
            ("tax_rate_bp", models.PositiveIntegerField(verbose_name="tax rate (basis points)")),
        ],
        options={
            "verbose_name": "part of a refund",
            "verbose_name_plural": "parts of a refund",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("whole", True)), fields=("line", "number"), name="piece_refunded_once"
                ),
                models.CheckConstraint(
                    condition=models.Q(("tax_minor__lte", models.F("amount_minor"))), name="refund_tax_inside"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="DocumentFile",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "document",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, related_name="file", to="orders.document"
                ),
            ),
            ("pdf", models.BinaryField(verbose_name="PDF")),
            (
                "made_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="made at"),
            ),
        ],
        options={
            "verbose_name": "PDF",
            "verbose_name_plural": "PDFs",
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0001_create_tables"),
        ("orders", "0002_guard_ledger_and_promises"),
        ("orders", "0003_find_orders_quickly"),
        ("orders", "0004_ask_couriers"),
        ("orders", "0005_note_scans"),
        ("orders", "0006_split_money_to_the_piece"),
        ("orders", "0007_share_money_of_old_orders"),
        ("orders", "0008_name_more_causes_of_delay"),
        ("orders", "0009_note_stages_of_making"),
        ("orders", "0010_let_shoppers_choose_about_missing_pieces"),
        ("orders", "0011_take_promotions_and_gifts"),
        ("orders", "0012_keep_every_way_of_money"),
        ("orders", "0013_guard_store_credit"),
        ("orders", "0014_issue_documents"),
        ("orders", "0015_guard_documents"),
        ("orders", "0016_keep_bank_lines"),
        ("orders", "0017_let_shoppers_collect"),
        ("orders", "0018_keep_addresses"),
        ("orders", "0019_keep_decisions_and_outcomes"),
        ("orders", "0020_judge_old_deliveries"),
        ("orders", "0021_send_back_of_each_sum"),
        ("orders", "0022_declare_crises"),
        ("orders", "0023_keep_wish_lists"),
        ("orders", "0024_ask_about_arrivals"),
        ("orders", "0025_stage_changes_of_orders"),
        ("orders", "0026_count_what_was_beyond"),
        ("orders", "0027_note_on_orders"),
        ("orders", "0028_find_stuck_parcels"),
        ("orders", "0029_learn_how_long_services_take"),
        ("orders", "0030_say_crises_in_other_languages"),
        ("orders", "0031_put_orders_together"),
        ("orders", "0032_show_board_of_promises"),
        ("orders", "0033_redact_words_by_leave_only"),
        ("orders", "0034_keep_exchanges_out_of_promises"),
        ("orders", "0035_find_orders_by_address"),
    ]

    initial = True

    dependencies = [
        ("shop", "0001_squashed_0026_limit_what_is_sold_beyond_the_shelf"),
    ]

    operations = [
        CreateTogether(TABLES),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(WITHIN_WHAT_CAME_IN, migrations.RunSQL.noop),
    ]
