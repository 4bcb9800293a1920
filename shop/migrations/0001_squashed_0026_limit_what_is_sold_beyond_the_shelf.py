"""The tables of the shop, and what the database itself watches over.

One file for the 26 that made them: a fresh database takes this one, one that has taken those needs nothing of it.
Facts are append-only; people may be forgotten, and words about them taken out by a leave that is kept in the same
transaction.  Whatever a listing is made of notes its product; prices keep their own history.  TRUNCATE (tests) fires
no row triggers.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations, models

import shop.models.personal
from shop.create_together import CreateTogether

APPEND_ONLY = """
CREATE FUNCTION kingpost_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - TG_ARGV) = (to_jsonb(OLD) - TG_ARGV) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_stockmovement
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_calendarversion
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('made_by_id');
CREATE FUNCTION kingpost_refuse_change_without_leave() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    words text[] := string_to_array(TG_ARGV[0], ',');
    free text[] := string_to_array(TG_ARGV[1], ',');
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - free) = (to_jsonb(OLD) - free) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - free - words) = (to_jsonb(OLD) - free - words) AND EXISTS (
        SELECT 1 FROM shop_redaction d JOIN shop_datarequest r ON r.id = d.request_id
        WHERE d.table_name = TG_TABLE_NAME AND d.row_id = OLD.id
            AND d.transaction_id = pg_current_xact_id()::text::bigint
            AND r.kind = 'erasure' AND r.state = 'due' AND r.begun_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_event
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change_without_leave('payload', 'customer_id,actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_redaction
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
"""
CACHE = """
CREATE TABLE shop_cache (
    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX shop_cache_expires ON shop_cache (expires);
"""
LISTINGS = """
CREATE FUNCTION kingpost_note_listing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    wanted bigint := (mine ->> TG_ARGV[1])::bigint;
BEGIN
    IF TG_ARGV[0] = 'product' THEN
        INSERT INTO shop_listingdue (product_id) VALUES (wanted);
    ELSIF TG_ARGV[0] = 'variant' THEN
        INSERT INTO shop_listingdue (product_id) SELECT product_id FROM shop_variant WHERE id = wanted;
    ELSIF TG_ARGV[0] = 'category' THEN
        INSERT INTO shop_listingdue (product_id) SELECT id FROM shop_product WHERE category_id = wanted;
    ELSIF TG_ARGV[0] = 'material' THEN
        INSERT INTO shop_listingdue (product_id)
        SELECT product_id FROM shop_product_materials WHERE material_id = wanted;
    ELSIF TG_ARGV[0] = 'option' THEN
        INSERT INTO shop_listingdue (product_id)
        SELECT DISTINCT v.product_id FROM shop_variant v JOIN shop_variant_options o ON o.variant_id = v.id
        WHERE o.optionvalue_id = wanted;
    ELSIF TG_ARGV[0] = 'options' THEN
        INSERT INTO shop_listingdue (product_id)
        SELECT DISTINCT v.product_id FROM shop_variant v JOIN shop_variant_options o ON o.variant_id = v.id
        JOIN shop_optionvalue x ON x.id = o.optionvalue_id WHERE x.type_id = wanted;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER note_listing AFTER INSERT OR UPDATE OR DELETE ON shop_product
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'id');
CREATE TRIGGER note_listing AFTER INSERT OR UPDATE OR DELETE ON shop_variant
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'product_id');
CREATE TRIGGER note_listing AFTER INSERT OR DELETE ON shop_product_materials
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'product_id');
CREATE TRIGGER note_listing AFTER INSERT OR UPDATE OF stars OR DELETE ON shop_voices
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'product_id');
CREATE TRIGGER note_listing AFTER INSERT OR DELETE ON shop_variant_options
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
CREATE TRIGGER note_listing AFTER INSERT OR DELETE ON shop_stocklevel
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
CREATE TRIGGER note_listing_change AFTER UPDATE ON shop_stocklevel
    FOR EACH ROW WHEN ((OLD.on_hand + OLD.oversell_limit > OLD.allocated)
        <> (NEW.on_hand + NEW.oversell_limit > NEW.allocated))
    EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
CREATE TRIGGER note_listing AFTER UPDATE OF name, slug ON shop_category
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('category', 'id');
CREATE TRIGGER note_listing AFTER UPDATE OF code, name ON shop_material
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('material', 'id');
CREATE TRIGGER note_listing AFTER UPDATE OF code, label, type_id ON shop_optionvalue
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('option', 'id');
CREATE TRIGGER note_listing AFTER UPDATE OF code ON shop_optiontype
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('options', 'id');
"""
PRICES = """
ALTER TABLE shop_priceinterval ADD CONSTRAINT price_goes_with_its_variant
    FOREIGN KEY (variant_id) REFERENCES shop_variant (id) ON DELETE CASCADE;

CREATE FUNCTION kingpost_begin_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop_priceinterval (variant_id, price_minor, currency, starts_at)
    SELECT id, price_minor, currency, clock_timestamp() FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER begin_price AFTER INSERT ON shop_variant REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION kingpost_begin_price();

CREATE FUNCTION kingpost_turn_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turns_at timestamptz := clock_timestamp();
BEGIN
    UPDATE shop_priceinterval SET ends_at = greatest(turns_at, starts_at + interval '1 microsecond')
    WHERE variant_id = NEW.id AND ends_at IS NULL RETURNING ends_at INTO turns_at;
    INSERT INTO shop_priceinterval (variant_id, price_minor, currency, starts_at)
    VALUES (NEW.id, NEW.price_minor, NEW.currency, coalesce(turns_at, clock_timestamp()));
    RETURN NULL;
END $$;
CREATE TRIGGER turn_price AFTER UPDATE OF price_minor, currency ON shop_variant FOR EACH ROW
    WHEN ((OLD.price_minor, OLD.currency) IS DISTINCT FROM (NEW.price_minor, NEW.currency))
    EXECUTE FUNCTION kingpost_turn_price();

CREATE FUNCTION kingpost_guard_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ends_at IS NULL AND (to_jsonb(NEW) - 'ends_at') = (to_jsonb(OLD) - 'ends_at') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN  -- its variant was deleted
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'shop_priceinterval is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_priceinterval
    FOR EACH ROW EXECUTE FUNCTION kingpost_guard_price();
"""

TABLES = [
    migrations.CreateModel(
        name="BusinessCalendar",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("workshop", "workshop"),
                        ("carrier", "carrier"),
                        ("destination", "destination"),
                        ("support", "support desk"),
                    ],
                    max_length=12,
                    verbose_name="kind",
                ),
            ),
            ("time_zone", models.CharField(max_length=64, verbose_name="time zone")),
            ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
            (
                "subdivision",
                models.CharField(
                    blank=True,
                    help_text="A state or region with holidays of its own, like 13.",
                    max_length=10,
                    verbose_name="subdivision",
                ),
            ),
            (
                "holiday_categories",
                models.JSONField(
                    blank=True,
                    default=list,
                    help_text="Which kinds the holiday library brings; none: public ones alone. Carnival is often optional.",
                    verbose_name="kinds of holidays",
                ),
            ),
            (
                "capacity_per_day",
                models.PositiveIntegerField(
                    blank=True, help_text="Empty means no limit.", null=True, verbose_name="orders a day"
                ),
            ),
            ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
        ],
        options={
            "verbose_name": "calendar",
            "verbose_name_plural": "calendars",
        },
    ),
    migrations.CreateModel(
        name="Category",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("slug", models.SlugField(unique=True, verbose_name="address")),
            ("intro", models.CharField(blank=True, max_length=300, verbose_name="introduction")),
            (
                "image",
                models.CharField(
                    blank=True, help_text="Path below static or media.", max_length=200, verbose_name="picture"
                ),
            ),
            ("image_alt", models.CharField(blank=True, max_length=200, verbose_name="what the picture shows")),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "category",
            "verbose_name_plural": "categories",
        },
    ),
    migrations.CreateModel(
        name="ForgottenAddress",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("salt", models.CharField(max_length=32, verbose_name="salt")),
            ("digest", models.CharField(max_length=64, verbose_name="address (hashed)")),
            ("refuses_mail", models.BooleanField(default=False, verbose_name="wants no offers ever again")),
            ("forgotten_at", models.DateTimeField(verbose_name="erased at")),
            ("journalled_at", models.DateTimeField(null=True, verbose_name="in the journal since")),
        ],
        options={
            "verbose_name": "erased address",
            "verbose_name_plural": "erased addresses",
            "indexes": [
                models.Index(models.F("digest"), name="forgotten_by_digest"),
                models.Index(
                    condition=models.Q(("journalled_at", None)), fields=["id"], name="forgotten_not_journalled"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Heartbeat",
        fields=[
            ("name", models.CharField(max_length=80, primary_key=True, serialize=False, verbose_name="sweep")),
            ("beat_at", models.DateTimeField(verbose_name="last run")),
        ],
        options={
            "verbose_name": "heartbeat",
            "verbose_name_plural": "heartbeats",
        },
    ),
    migrations.CreateModel(
        name="Inbound",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("source", models.CharField(max_length=40, verbose_name="source")),
            ("source_key", models.CharField(max_length=200, verbose_name="key of the sender")),
            ("raw", models.BinaryField(verbose_name="raw bytes")),
            ("content_type", models.CharField(blank=True, max_length=100, verbose_name="content type")),
            ("headers", models.JSONField(default=dict, verbose_name="headers")),
            (
                "received_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received at"),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("received", "received"),
                        ("processed", "processed"),
                        ("ignored", "ignored"),
                        ("parked", "parked"),
                    ],
                    default="received",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            (
                "due_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
            ),
            ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
            ("error", models.TextField(blank=True, verbose_name="last problem")),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
        ],
        options={
            "verbose_name": "inbound delivery",
            "verbose_name_plural": "inbound deliveries",
            "indexes": [
                models.Index(condition=models.Q(("state", "received")), fields=["due_at", "id"], name="inbound_due")
            ],
            "constraints": [models.UniqueConstraint(fields=("source", "source_key"), name="inbound_once")],
        },
    ),
    migrations.CreateModel(
        name="ListingDue",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("product_id", models.BigIntegerField(verbose_name="product")),
            (
                "noted_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="noted at"),
            ),
        ],
        options={
            "verbose_name": "listing to make anew",
            "verbose_name_plural": "listings to make anew",
        },
    ),
    migrations.CreateModel(
        name="Material",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "material",
            "verbose_name_plural": "materials",
        },
    ),
    migrations.CreateModel(
        name="MeasurementDefinition",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            ("label", models.CharField(max_length=80, verbose_name="label")),
            (
                "kind",
                models.CharField(
                    choices=[("body", "your body"), ("garment", "the garment"), ("product", "the piece")],
                    max_length=10,
                    verbose_name="kind",
                ),
            ),
            ("how_to", models.CharField(blank=True, max_length=300, verbose_name="how to measure")),
            ("diagram", models.CharField(blank=True, max_length=200, verbose_name="drawing")),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "measurement",
            "verbose_name_plural": "measurements",
        },
    ),
    migrations.CreateModel(
        name="OptionType",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "option",
            "verbose_name_plural": "options",
        },
    ),
    migrations.CreateModel(
        name="PhotoModel",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=60, verbose_name="name")),
            ("height_mm", models.PositiveSmallIntegerField(verbose_name="height (mm)")),
            ("chest_mm", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="chest (mm)")),
            ("waist_mm", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="waist (mm)")),
            ("hips_mm", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="hips (mm)")),
        ],
        options={
            "verbose_name": "model on pictures",
            "verbose_name_plural": "models on pictures",
        },
    ),
    migrations.CreateModel(
        name="RateLimit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "key",
                models.CharField(help_text="Purpose and a hash; never an address.", max_length=100, verbose_name="key"),
            ),
            ("window_start", models.DateTimeField(verbose_name="window")),
            ("used", models.PositiveIntegerField(default=0, verbose_name="used")),
        ],
        options={
            "verbose_name": "rate limit",
            "verbose_name_plural": "rate limits",
            "constraints": [models.UniqueConstraint(fields=("key", "window_start"), name="rate_limit_once")],
        },
    ),
    migrations.CreateModel(
        name="SearchWord",
        fields=[
            ("word", models.CharField(max_length=60, primary_key=True, serialize=False, verbose_name="word")),
            ("stem", models.CharField(db_index=True, max_length=60, verbose_name="stem")),
        ],
        options={
            "verbose_name": "word of the search",
            "verbose_name_plural": "words of the search",
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass("word", name="gin_trgm_ops"), name="search_word_alike"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SizeGuide",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(verbose_name="code")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ("diagram", models.CharField(blank=True, max_length=200, verbose_name="drawing")),
            ("diagram_alt", models.CharField(blank=True, max_length=300, verbose_name="what the drawing shows")),
            ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
        ],
        options={
            "verbose_name": "size guide",
            "verbose_name_plural": "size guides",
            "constraints": [models.UniqueConstraint(fields=("code", "version"), name="size_guide_version_once")],
        },
    ),
    migrations.CreateModel(
        name="StockLocation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.SlugField(unique=True, verbose_name="code")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            (
                "position",
                models.PositiveSmallIntegerField(
                    default=0,
                    help_text="Orders are served from the first location that has everything.",
                    verbose_name="position",
                ),
            ),
        ],
        options={
            "verbose_name": "stock location",
            "verbose_name_plural": "stock locations",
        },
    ),
    migrations.CreateModel(
        name="User",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("password", models.CharField(max_length=128, verbose_name="password")),
            ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
            (
                "is_superuser",
                models.BooleanField(
                    default=False,
                    help_text="Designates that this user has all permissions without explicitly assigning them.",
                    verbose_name="superuser status",
                ),
            ),
            ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
            ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
            ("is_staff", models.BooleanField(default=False, verbose_name="works here")),
            ("is_active", models.BooleanField(default=True, verbose_name="may log in")),
            ("joined_at", models.DateTimeField(auto_now_add=True, verbose_name="joined at")),
            (
                "language",
                models.CharField(blank=True, help_text="Empty: the shop's.", max_length=10, verbose_name="language"),
            ),
            ("birthday_on", models.DateField(blank=True, null=True, verbose_name="birthday")),
            (
                "birthday_agreed_at",
                models.DateTimeField(blank=True, null=True, verbose_name="agreed to birthday wishes at"),
            ),
            (
                "session_epoch",
                models.PositiveIntegerField(
                    default=0,
                    editable=False,
                    help_text="Each step ends every session there is.",
                    verbose_name="sign-ins ended",
                ),
            ),
            (
                "groups",
                models.ManyToManyField(
                    blank=True,
                    help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                    related_name="user_set",
                    related_query_name="user",
                    to="auth.group",
                    verbose_name="groups",
                ),
            ),
            (
                "user_permissions",
                models.ManyToManyField(
                    blank=True,
                    help_text="Specific permissions for this user.",
                    related_name="user_set",
                    related_query_name="user",
                    to="auth.permission",
                    verbose_name="user permissions",
                ),
            ),
        ],
        options={
            "verbose_name": "person",
            "verbose_name_plural": "people",
            "constraints": [
                models.UniqueConstraint(django.db.models.functions.text.Lower("email"), name="user_email_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("birthday_on__isnull", True), ("birthday_agreed_at__isnull", False), _connector="OR"
                    ),
                    name="birthday_was_agreed",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="AccountLetter",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("code", "a code"),
                        ("hint", "what to do instead"),
                        ("notice", "what was changed"),
                        ("data", "about her data"),
                    ],
                    max_length=10,
                    verbose_name="kind",
                ),
            ),
            ("email", models.EmailField(max_length=254, verbose_name="to")),
            (
                "user",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("locale", models.CharField(max_length=10, verbose_name="language")),
            ("values", models.JSONField(default=dict, verbose_name="what it says")),
            ("asked_at", models.DateTimeField(db_index=True, verbose_name="asked for at")),
        ],
        options={
            "verbose_name": "account letter",
            "verbose_name_plural": "account letters",
        },
    ),
    migrations.CreateModel(
        name="CalendarException",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="shop.businesscalendar"
                ),
            ),
            ("first_on", models.DateField(verbose_name="first day")),
            ("last_on", models.DateField(verbose_name="last day")),
            (
                "kind",
                models.CharField(
                    choices=[("closed", "closed"), ("open", "open")],
                    default="closed",
                    max_length=6,
                    verbose_name="kind",
                ),
            ),
            ("opens", models.TimeField(blank=True, null=True, verbose_name="opens")),
            ("closes", models.TimeField(blank=True, null=True, verbose_name="closes")),
            ("cutoff", models.TimeField(blank=True, null=True, verbose_name="cut-off")),
            ("capacity", models.PositiveIntegerField(blank=True, null=True, verbose_name="orders that day")),
            ("public_reason", models.CharField(max_length=120, verbose_name="reason shoppers read")),
            (
                "source",
                models.CharField(
                    choices=[("library", "public holidays"), ("staff", "staff")],
                    default="staff",
                    max_length=8,
                    verbose_name="source",
                ),
            ),
            ("category", models.CharField(blank=True, max_length=20, verbose_name="kind of holiday")),
            (
                "applies",
                models.BooleanField(default=True, help_text="Off: the day is like any other.", verbose_name="counts"),
            ),
        ],
        options={
            "verbose_name": "exception",
            "verbose_name_plural": "exceptions",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("first_on__lte", models.F("last_on"))), name="exception_range"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("kind", "closed"),
                        models.Q(
                            ("closes__isnull", False), ("opens__isnull", False), ("opens__lt", models.F("closes"))
                        ),
                        _connector="OR",
                    ),
                    name="exception_open_has_hours",
                ),
                models.UniqueConstraint(fields=("calendar", "first_on", "source"), name="exception_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="CalendarVersion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="shop.businesscalendar"
                ),
            ),
            ("version", models.PositiveIntegerField(verbose_name="version")),
            (
                "facts",
                models.JSONField(
                    help_text="Hours, cut-offs, days and capacity, in ISO text.", verbose_name="what it said"
                ),
            ),
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
        ],
        options={
            "verbose_name": "calendar version",
            "verbose_name_plural": "calendar versions",
            "constraints": [models.UniqueConstraint(fields=("calendar", "version"), name="calendar_version_once")],
        },
    ),
    migrations.CreateModel(
        name="DataRequest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("export", "a copy"), ("erasure", "erasure")], max_length=8, verbose_name="asked for"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "waits for her confirmation"),
                        ("due", "being worked on"),
                        ("ready", "ready to be fetched"),
                        ("done", "done"),
                        ("lapsed", "over without anything to do"),
                    ],
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
            ("addresses", models.JSONField(default=list, verbose_name="addresses she proved")),
            ("locale", models.CharField(max_length=10, verbose_name="language")),
            ("token_hash", models.CharField(max_length=64, null=True, unique=True, verbose_name="token (hashed)")),
            ("expires_at", models.DateTimeField(null=True, verbose_name="link ends at")),
            ("asked_at", models.DateTimeField(verbose_name="asked at")),
            ("answer_by_on", models.DateField(verbose_name="to be answered by")),
            ("refuses_mail", models.BooleanField(default=False, verbose_name="wants no offers ever again")),
            ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
            (
                "held_since",
                models.DateTimeField(
                    help_text="Something of hers is not settled yet.", null=True, verbose_name="held since"
                ),
            ),
            ("begun_at", models.DateTimeField(null=True, verbose_name="begun at")),
            ("steps", models.JSONField(default=list, verbose_name="steps that are done")),
            ("farewell_at", models.DateTimeField(null=True, verbose_name="last mail asked for at")),
            (
                "due_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
            ),
            ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
            ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
            ("error", models.CharField(blank=True, max_length=200, verbose_name="last problem")),
            ("done_at", models.DateTimeField(null=True, verbose_name="answered at")),
            (
                "again",
                models.BooleanField(
                    db_default=False,
                    default=False,
                    help_text="It was carried out before; she is not written to.",
                    verbose_name="once more, after a restore",
                ),
            ),
        ],
        options={
            "verbose_name": "request about data",
            "verbose_name_plural": "requests about data",
            "indexes": [
                models.Index(condition=models.Q(("state", "due")), fields=["due_at", "id"], name="data_request_due")
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["asked", "due"])),
                    fields=("kind", "email"),
                    name="data_request_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["ready", "done"]), _negated=True),
                        ("done_at__isnull", False),
                        _connector="OR",
                    ),
                    name="data_answered_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "erasure"), ("state__in", ["due", "done"]), _negated=True),
                        ("confirmed_at__isnull", False),
                        _connector="OR",
                    ),
                    name="erasure_was_confirmed",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "erasure"), ("state", "done"), _negated=True),
                        models.Q(("addresses", []), ("email", "")),
                        _connector="OR",
                    ),
                    name="erasure_forgets_itself",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Event",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, verbose_name="what happened")),
            ("subject", models.CharField(help_text="Such as orders.parcel:12.", max_length=80, verbose_name="to what")),
            ("order_number", models.CharField(blank=True, max_length=20, verbose_name="order")),
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
                "payload",
                models.JSONField(default=dict, help_text="Ids, ISO text and minor units.", verbose_name="details"),
            ),
            (
                "visibility",
                models.CharField(
                    choices=[("staff", "staff"), ("customer", "customer and staff")],
                    max_length=8,
                    verbose_name="visible to",
                ),
            ),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("actor_kind", models.CharField(default="system", max_length=12, verbose_name="who")),
            ("happened_at", models.DateTimeField(verbose_name="happened at")),
            (
                "recorded_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="recorded at"),
            ),
        ],
        options={
            "verbose_name": "event",
            "verbose_name_plural": "events",
            "indexes": [
                models.Index(fields=["order_number", "happened_at", "id"], name="event_of_order"),
                models.Index(fields=["subject", "id"], name="event_of_subject"),
            ],
        },
    ),
    migrations.CreateModel(
        name="FitKnowledge",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "customer",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="fit_knowledge",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("known", models.JSONField(default=dict, verbose_name="what the model knows")),
            (
                "refit_at",
                models.DateTimeField(help_text="Only of the common part.", null=True, verbose_name="refitted again at"),
            ),
        ],
        options={
            "verbose_name": "fit knowledge",
            "verbose_name_plural": "fit knowledge",
            "constraints": [
                models.UniqueConstraint(fields=("customer",), name="fit_knowledge_common_once", nulls_distinct=False)
            ],
        },
    ),
    migrations.CreateModel(
        name="OpeningInterval",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="intervals", to="shop.businesscalendar"
                ),
            ),
            (
                "weekday",
                models.PositiveSmallIntegerField(
                    choices=[
                        (0, "Monday"),
                        (1, "Tuesday"),
                        (2, "Wednesday"),
                        (3, "Thursday"),
                        (4, "Friday"),
                        (5, "Saturday"),
                        (6, "Sunday"),
                    ],
                    verbose_name="weekday",
                ),
            ),
            ("opens", models.TimeField(verbose_name="opens")),
            ("closes", models.TimeField(verbose_name="closes")),
        ],
        options={
            "verbose_name": "opening hours",
            "verbose_name_plural": "opening hours",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("opens__lt", models.F("closes"))), name="interval_opens_before_it_closes"
                ),
                models.CheckConstraint(condition=models.Q(("weekday__lte", 6)), name="interval_weekday"),
                models.UniqueConstraint(fields=("calendar", "weekday", "opens"), name="interval_once"),
            ],
        },
    ),
    migrations.CreateModel(
        name="OptionValue",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "type",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="values",
                    to="shop.optiontype",
                    verbose_name="option",
                ),
            ),
            ("code", models.SlugField(verbose_name="code")),
            ("label", models.CharField(max_length=60, verbose_name="label")),
            (
                "swatch",
                models.CharField(
                    blank=True, help_text="Hex colour, such as #8a9a7b.", max_length=7, verbose_name="colour"
                ),
            ),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "option value",
            "verbose_name_plural": "option values",
            "constraints": [models.UniqueConstraint(fields=("type", "code"), name="option_value_once")],
        },
    ),
    migrations.CreateModel(
        name="Product",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="products",
                    to="shop.category",
                    verbose_name="category",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            ("slug", models.SlugField(unique=True, verbose_name="address")),
            ("summary", models.CharField(max_length=200, verbose_name="in one sentence")),
            ("story", models.TextField(blank=True, verbose_name="story")),
            ("maker", models.CharField(blank=True, max_length=80, verbose_name="made by")),
            ("maker_note", models.CharField(blank=True, max_length=300, verbose_name="the maker's words")),
            ("origin", models.CharField(blank=True, max_length=80, verbose_name="made in")),
            ("material", models.CharField(blank=True, max_length=200, verbose_name="material")),
            (
                "fabric_weight_gsm",
                models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="fabric weight (g/m²)"),
            ),
            (
                "stretch",
                models.CharField(
                    blank=True,
                    choices=[("none", "does not stretch"), ("slight", "gives a little"), ("much", "stretches well")],
                    max_length=6,
                    verbose_name="stretch",
                ),
            ),
            (
                "sheerness",
                models.CharField(
                    blank=True,
                    choices=[
                        ("opaque", "not see-through"),
                        ("slight", "slightly see-through in bright light"),
                        ("sheer", "see-through"),
                    ],
                    max_length=6,
                    verbose_name="see-through",
                ),
            ),
            (
                "lining",
                models.CharField(
                    blank=True,
                    choices=[("none", "unlined"), ("part", "partly lined"), ("full", "lined")],
                    max_length=4,
                    verbose_name="lining",
                ),
            ),
            (
                "shrinks_percent",
                models.PositiveSmallIntegerField(
                    blank=True, null=True, verbose_name="shrinks in the first wash by up to (%)"
                ),
            ),
            ("care", models.TextField(blank=True, help_text="One instruction a line.", verbose_name="care")),
            ("fit", models.CharField(blank=True, max_length=200, verbose_name="fit in words")),
            (
                "cut",
                models.CharField(
                    blank=True,
                    choices=[("close", "close"), ("regular", "regular"), ("loose", "loose")],
                    max_length=7,
                    verbose_name="fit in one word",
                ),
            ),
            (
                "selling_points",
                models.TextField(blank=True, help_text="One point a line.", verbose_name="why people love it"),
            ),
            (
                "size_guide",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="products",
                    to="shop.sizeguide",
                    verbose_name="size guide",
                ),
            ),
            ("tax_class", models.SlugField(default="standard", verbose_name="tax class")),
            ("published", models.BooleanField(default=False, verbose_name="on sale")),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
            ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            (
                "materials",
                models.ManyToManyField(
                    blank=True,
                    help_text="To be found by.",
                    related_name="products",
                    to="shop.material",
                    verbose_name="materials",
                ),
            ),
        ],
        options={
            "verbose_name": "product",
            "verbose_name_plural": "products",
            "indexes": [models.Index(fields=["category", "position", "id"], name="product_shelf")],
        },
    ),
    migrations.CreateModel(
        name="SizeProfile",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="size_profile",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="person",
                ),
            ),
            ("measures", models.JSONField(default=dict, verbose_name="measures (mm)")),
            ("usual", models.JSONField(default=dict, verbose_name="usual sizes")),
            ("changed_at", models.DateTimeField(verbose_name="changed at")),
        ],
        options={
            "verbose_name": "own size",
            "verbose_name_plural": "own sizes",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("measures", {}), _negated=True),
                        models.Q(("usual", {}), _negated=True),
                        _connector="OR",
                    ),
                    name="size_profile_says_something",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="StockCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "location",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.stocklocation"
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.category",
                    verbose_name="only",
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[("open", "being counted"), ("booked", "booked"), ("dropped", "dropped")],
                    default="open",
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            (
                "started_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("started_at", models.DateTimeField(verbose_name="started at")),
            ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
        ],
        options={
            "verbose_name": "stock count",
            "verbose_name_plural": "stock counts",
            "permissions": [("book_stockcount", "Can book the differences of a stock count")],
        },
    ),
    migrations.CreateModel(
        name="WeekdayCutoff",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "calendar",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="cutoffs", to="shop.businesscalendar"
                ),
            ),
            (
                "weekday",
                models.PositiveSmallIntegerField(
                    choices=[
                        (0, "Monday"),
                        (1, "Tuesday"),
                        (2, "Wednesday"),
                        (3, "Thursday"),
                        (4, "Friday"),
                        (5, "Saturday"),
                        (6, "Sunday"),
                    ],
                    verbose_name="weekday",
                ),
            ),
            ("cutoff", models.TimeField(verbose_name="cut-off")),
        ],
        options={
            "verbose_name": "cut-off",
            "verbose_name_plural": "cut-offs",
            "constraints": [models.UniqueConstraint(fields=("calendar", "weekday"), name="cutoff_once")],
        },
    ),
    migrations.CreateModel(
        name="DataFile",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "request",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, related_name="file", to="shop.datarequest"
                ),
            ),
            ("content", models.BinaryField(verbose_name="zip")),
            ("made_at", models.DateTimeField(verbose_name="made at")),
        ],
        options={
            "verbose_name": "copy of data",
            "verbose_name_plural": "copies of data",
        },
    ),
    migrations.CreateModel(
        name="EventDelivery",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="shop.event"
                ),
            ),
            ("consumer", models.CharField(max_length=80, verbose_name="consumer")),
            (
                "state",
                models.CharField(
                    choices=[("due", "due"), ("done", "done"), ("parked", "parked")],
                    default="due",
                    max_length=6,
                    verbose_name="state",
                ),
            ),
            (
                "due_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="due at"),
            ),
            ("lease_until", models.DateTimeField(null=True, verbose_name="leased until")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
            ("error", models.TextField(blank=True, verbose_name="last problem")),
            ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
        ],
        options={
            "verbose_name": "event delivery",
            "verbose_name_plural": "event deliveries",
            "indexes": [
                models.Index(condition=models.Q(("state", "due")), fields=["due_at", "id"], name="delivery_due")
            ],
            "constraints": [models.UniqueConstraint(fields=("event", "consumer"), name="event_delivered_once")],
        },
    ),
    migrations.CreateModel(
        name="FibreShare",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="fibres",
                    to="shop.product",
                    verbose_name="product",
                ),
            ),
            (
                "part",
                models.CharField(
                    blank=True,
                    help_text="Such as lining or rib; empty for the whole piece.",
                    max_length=40,
                    verbose_name="part",
                ),
            ),
            (
                "material",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.material",
                    verbose_name="material",
                ),
            ),
            (
                "percent",
                models.PositiveSmallIntegerField(
                    validators=[
                        django.core.validators.MinValueValidator(1),
                        django.core.validators.MaxValueValidator(100),
                    ],
                    verbose_name="percent",
                ),
            ),
        ],
        options={
            "verbose_name": "fibre",
            "verbose_name_plural": "fibres",
            "constraints": [
                models.UniqueConstraint(fields=("product", "part", "material"), name="fibre_share_once"),
                models.CheckConstraint(
                    condition=models.Q(("percent__gte", 1), ("percent__lte", 100)), name="fibre_share_is_a_share"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FormerAddress",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "product",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="former_addresses",
                    to="shop.product",
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="former_addresses",
                    to="shop.category",
                ),
            ),
            ("slug", models.SlugField(verbose_name="address")),
            (
                "left_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="left at"),
            ),
        ],
        options={
            "verbose_name": "former address",
            "verbose_name_plural": "former addresses",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("category__isnull", True), ("product__isnull", False)),
                        models.Q(("category__isnull", False), ("product__isnull", True)),
                        _connector="OR",
                    ),
                    name="former_address_of_one_thing",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("product__isnull", False)),
                    fields=("slug",),
                    name="former_address_of_product_once",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("category__isnull", False)),
                    fields=("slug",),
                    name="former_address_of_category_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Listing",
        fields=[
            (
                "product",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="listing",
                    serialize=False,
                    to="shop.product",
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="shop.category"
                ),
            ),
            ("position", models.PositiveIntegerField(verbose_name="position")),
            ("created_at", models.DateTimeField(verbose_name="created at")),
            ("price_minor", models.PositiveIntegerField(verbose_name="lowest price (minor units)")),
            (
                "rating",
                models.PositiveSmallIntegerField(verbose_name="stars in hundredths, few of them weighing little"),
            ),
            (
                "facets",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.TextField(), size=None, verbose_name="filters"
                ),
            ),
            (
                "pairs",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.TextField(), size=None, verbose_name="options together"
                ),
            ),
            ("words", django.contrib.postgres.search.SearchVectorField(verbose_name="words")),
        ],
        options={
            "verbose_name": "listing",
            "verbose_name_plural": "listings",
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    fastupdate=False, fields=["facets", "pairs", "words"], name="listing_search"
                ),
                models.Index(fields=["category", "position", "product"], name="listing_shelf"),
                models.Index(fields=["category", "price_minor", "product"], name="listing_shelf_price"),
                models.Index(fields=["category", "created_at", "product"], name="listing_shelf_new"),
                models.Index(fields=["category", "rating", "product"], name="listing_shelf_rating"),
                models.Index(fields=["price_minor", "product"], name="listing_price"),
                models.Index(fields=["created_at", "product"], name="listing_new"),
                models.Index(fields=["rating", "product"], name="listing_rating"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Pairing",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="pairings",
                    to="shop.product",
                    verbose_name="product",
                ),
            ),
            (
                "other",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="shop.product",
                    verbose_name="goes with",
                ),
            ),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "piece it goes with",
            "verbose_name_plural": "pieces it goes with",
            "constraints": [
                models.UniqueConstraint(fields=("product", "other"), name="pairing_once"),
                models.CheckConstraint(
                    condition=models.Q(("product", models.F("other")), _negated=True), name="pairing_of_two"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ProductImage",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="images",
                    to="shop.product",
                    verbose_name="product",
                ),
            ),
            (
                "option",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.optionvalue",
                    verbose_name="shows",
                ),
            ),
            ("path", models.CharField(help_text="Path below static.", max_length=200, verbose_name="picture")),
            ("alt", models.CharField(blank=True, max_length=250, verbose_name="what it shows")),
            (
                "decorative",
                models.BooleanField(
                    default=False,
                    help_text="A detail that tells nothing new; it goes without words, and screen readers pass it by.",
                    verbose_name="decorative",
                ),
            ),
            (
                "role",
                models.CharField(
                    choices=[
                        ("front", "whole piece"),
                        ("detail", "detail"),
                        ("scale", "scale"),
                        ("worn", "worn by somebody"),
                    ],
                    default="front",
                    max_length=10,
                    verbose_name="role",
                ),
            ),
            ("width_px", models.PositiveSmallIntegerField(default=800, verbose_name="width")),
            ("height_px", models.PositiveSmallIntegerField(default=1000, verbose_name="height")),
            (
                "worn_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.photomodel",
                    verbose_name="worn by",
                ),
            ),
            (
                "worn_size",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.optionvalue",
                    verbose_name="size worn",
                ),
            ),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "picture",
            "verbose_name_plural": "pictures",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("alt__regex", "\\S"), ("decorative", False)),
                        models.Q(("alt", ""), ("decorative", True), ("role", "detail")),
                        _connector="OR",
                    ),
                    name="image_has_words",
                    violation_error_message="Say what the picture shows. Only a detail may be decorative, and then it has no words.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("worn_by", None), ("worn_size", None)),
                        models.Q(("worn_by__isnull", False), ("worn_size__isnull", False)),
                        _connector="OR",
                    ),
                    name="image_names_model_and_size",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Redaction",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "request",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="redactions", to="shop.datarequest"
                ),
            ),
            ("table_name", models.CharField(max_length=63, verbose_name="table")),
            ("row_id", models.BigIntegerField(verbose_name="row")),
            (
                "transaction_id",
                models.BigIntegerField(
                    db_default=shop.models.personal.CurrentTransaction(), verbose_name="transaction"
                ),
            ),
            (
                "redacted_at",
                models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="taken out at"),
            ),
        ],
        options={
            "verbose_name": "redaction",
            "verbose_name_plural": "redactions",
            "constraints": [
                models.UniqueConstraint(fields=("table_name", "row_id", "transaction_id"), name="redacted_once")
            ],
        },
    ),
    migrations.CreateModel(
        name="Reduction",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "name",
                models.CharField(
                    help_text="For colleagues; shoppers see the prices.", max_length=80, verbose_name="name"
                ),
            ),
            (
                "percent_bp",
                models.PositiveIntegerField(
                    default=0,
                    help_text="2000 is 20 %. Or leave it 0 and name an amount.",
                    verbose_name="off (basis points)",
                ),
            ),
            ("off_minor", models.PositiveIntegerField(default=0, verbose_name="off (minor units)")),
            ("starts_at", models.DateTimeField(verbose_name="from")),
            ("ends_at", models.DateTimeField(verbose_name="to")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("draft", "draft"),
                        ("announced", "announced"),
                        ("running", "running"),
                        ("ended", "ended"),
                    ],
                    default="draft",
                    editable=False,
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            ("announced_at", models.DateTimeField(editable=False, null=True, verbose_name="announced at")),
            (
                "announced_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "products",
                models.ManyToManyField(blank=True, related_name="+", to="shop.product", verbose_name="products"),
            ),
            (
                "categories",
                models.ManyToManyField(blank=True, related_name="+", to="shop.category", verbose_name="categories"),
            ),
        ],
        options={
            "verbose_name": "reduction",
            "verbose_name_plural": "reductions",
            "permissions": [("announce_reduction", "Can announce and end reductions")],
            "indexes": [
                models.Index(condition=models.Q(("state", "announced")), fields=["starts_at"], name="reduction_begins"),
                models.Index(condition=models.Q(("state", "running")), fields=["ends_at"], name="reduction_ends"),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                    name="reduction_lasts_a_while",
                    violation_error_message="It has to end after it begins.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("off_minor__gt", 0), ("percent_bp", 0)),
                        models.Q(("off_minor", 0), ("percent_bp__gt", 0), ("percent_bp__lt", 10000)),
                        _connector="OR",
                    ),
                    name="reduction_is_one_way",
                    violation_error_message="Name either basis points below 10000 or an amount.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SizeGuideRow",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "guide",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="rows",
                    to="shop.sizeguide",
                    verbose_name="size guide",
                ),
            ),
            (
                "size",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.optionvalue",
                    verbose_name="size",
                ),
            ),
            (
                "definition",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.measurementdefinition"
                ),
            ),
            ("body_min_mm", models.PositiveIntegerField(verbose_name="from (mm)")),
            ("body_max_mm", models.PositiveIntegerField(verbose_name="to (mm)")),
        ],
        options={
            "verbose_name": "size guide row",
            "verbose_name_plural": "size guide rows",
            "constraints": [
                models.UniqueConstraint(fields=("guide", "size", "definition"), name="size_guide_row_once"),
                models.CheckConstraint(
                    condition=models.Q(("body_min_mm__lte", models.F("body_max_mm"))), name="size_guide_row_range"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SizeName",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "guide",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="names",
                    to="shop.sizeguide",
                    verbose_name="size guide",
                ),
            ),
            (
                "size",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="shop.optionvalue",
                    verbose_name="size",
                ),
            ),
            (
                "system",
                models.CharField(
                    choices=[("eu", "EU"), ("uk", "UK"), ("us", "US")], max_length=2, verbose_name="system"
                ),
            ),
            ("name", models.CharField(help_text="Such as 40 or 12–14.", max_length=12, verbose_name="name")),
        ],
        options={
            "verbose_name": "name of a size",
            "verbose_name_plural": "names of sizes",
            "constraints": [models.UniqueConstraint(fields=("guide", "size", "system"), name="size_name_once")],
        },
    ),
    migrations.CreateModel(
        name="Variant",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="variants",
                    to="shop.product",
                    verbose_name="product",
                ),
            ),
            ("sku", models.CharField(max_length=40, unique=True, verbose_name="article number")),
            (
                "label",
                models.CharField(
                    blank=True, help_text="Such as “Sage, M”.", max_length=120, verbose_name="options in words"
                ),
            ),
            ("price_minor", models.PositiveIntegerField(verbose_name="price (minor units)")),
            (
                "was_minor",
                models.PositiveIntegerField(
                    editable=False,
                    help_text="The lowest of the 30 days before the reduction that runs; nobody but the reduction writes it.",
                    null=True,
                    verbose_name="former price (minor units)",
                ),
            ),
            (
                "content_amount",
                models.PositiveIntegerField(
                    blank=True,
                    help_text="Where it is sold by what is in it: 250 for 250 g.",
                    null=True,
                    verbose_name="content",
                ),
            ),
            (
                "content_unit",
                models.CharField(
                    blank=True,
                    choices=[("g", "grams"), ("ml", "millilitres"), ("mm", "millimetres"), ("piece", "pieces")],
                    max_length=5,
                    verbose_name="of what",
                ),
            ),
            ("currency", models.CharField(default="EUR", max_length=3, verbose_name="currency")),
            ("weight_g", models.PositiveIntegerField(default=0, verbose_name="weight (g)")),
            (
                "making_days",
                models.PositiveSmallIntegerField(
                    default=0,
                    help_text="0 means from stock; more means made to order.",
                    verbose_name="making time (working days)",
                ),
            ),
            ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
            ("active", models.BooleanField(default=True, verbose_name="on sale")),
            (
                "options",
                models.ManyToManyField(
                    blank=True, related_name="variants", to="shop.optionvalue", verbose_name="options"
                ),
            ),
        ],
        options={
            "verbose_name": "variant",
            "verbose_name_plural": "variants",
            "constraints": [
                models.CheckConstraint(condition=models.Q(("price_minor__gt", 0)), name="variant_has_a_price"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("was_minor", None), ("was_minor__gt", models.F("price_minor")), _connector="OR"
                    ),
                    name="variant_reduced_is_lower",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("content_amount", None), ("content_unit", "")),
                        models.Q(
                            ("content_amount__gt", 0),
                            ("content_amount__isnull", False),
                            models.Q(("content_unit", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="variant_content_of_something",
                    violation_error_message="Name both what it contains and of what, or neither.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Voices",
        fields=[
            (
                "product",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="voices",
                    serialize=False,
                    to="shop.product",
                ),
            ),
            ("fit_small", models.PositiveIntegerField(default=0, verbose_name="found it small")),
            ("fit_fit", models.PositiveIntegerField(default=0, verbose_name="found it right")),
            ("fit_large", models.PositiveIntegerField(default=0, verbose_name="found it large")),
            ("fit_by_size", models.JSONField(default=dict, verbose_name="by size")),
            ("areas", models.JSONField(default=dict, verbose_name="where it did not fit")),
            (
                "runs",
                models.CharField(
                    blank=True, choices=[("small", "small"), ("large", "large")], max_length=5, verbose_name="runs"
                ),
            ),
            ("reviews", models.PositiveIntegerField(default=0, verbose_name="reviews")),
            ("stars", models.JSONField(default=list, verbose_name="stars")),
            ("shown_reviews", models.JSONField(default=list, verbose_name="reviews on the page")),
            ("shown_answers", models.JSONField(default=list, verbose_name="answers on the page")),
            ("hints", models.JSONField(default=list, verbose_name="hints about sizes")),
            ("known", models.JSONField(default=dict, verbose_name="what the model knows")),
            ("counted_at", models.DateTimeField(verbose_name="counted at")),
        ],
        options={
            "verbose_name": "what customers say",
            "verbose_name_plural": "what customers say",
        },
    ),
    migrations.CreateModel(
        name="FitAlarm",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="fit_alarms", to="shop.variant"
                ),
            ),
            ("month_on", models.DateField(help_text="The first day of the month.", verbose_name="ordered in")),
            (
                "kind",
                models.CharField(
                    choices=[("returns", "returns for their size"), ("votes", "votes on the fit")],
                    max_length=8,
                    verbose_name="what is out of line",
                ),
            ),
            (
                "verdict",
                models.CharField(
                    choices=[("small", "too small"), ("fit", "it fits"), ("large", "too large")],
                    max_length=5,
                    verbose_name="it is",
                ),
            ),
            ("misfits", models.PositiveIntegerField(verbose_name="misfits")),
            ("pieces", models.PositiveIntegerField(verbose_name="of")),
            ("usual_bp", models.PositiveIntegerField(verbose_name="usual share (basis points)")),
            ("hint", models.CharField(blank=True, max_length=200, verbose_name="hint on the page, in our words")),
            ("opened_at", models.DateTimeField(verbose_name="opened at")),
            ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
            (
                "closed_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("done", models.CharField(blank=True, max_length=300, verbose_name="what was done")),
        ],
        options={
            "verbose_name": "fit alarm",
            "verbose_name_plural": "fit alarms",
            "permissions": [("close_fitalarm", "Can close fit alarms")],
            "indexes": [
                models.Index(
                    condition=models.Q(("closed_at__isnull", True)), fields=["opened_at", "id"], name="fit_alarm_open"
                )
            ],
            "constraints": [
                models.UniqueConstraint(fields=("variant", "month_on", "kind", "verdict"), name="fit_alarm_once"),
                models.CheckConstraint(
                    condition=models.Q(("misfits__lte", models.F("pieces"))), name="fit_alarm_counts"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("closed_at__isnull", True), models.Q(("done", ""), _negated=True), _connector="OR"
                    ),
                    name="fit_alarm_closed_says_how",
                ),
                models.CheckConstraint(
                    condition=models.Q(("verdict", "fit"), _negated=True), name="fit_alarm_about_misfits"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="FitVote",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "key",
                models.CharField(
                    help_text="Such as returns.line:12.", max_length=60, unique=True, verbose_name="said in"
                ),
            ),
            (
                "source",
                models.CharField(
                    choices=[("review", "review"), ("return", "return")], max_length=8, verbose_name="source"
                ),
            ),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="fit_votes", to="shop.variant"
                ),
            ),
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
                "verdict",
                models.CharField(
                    choices=[("small", "too small"), ("fit", "it fits"), ("large", "too large")],
                    max_length=5,
                    verbose_name="verdict",
                ),
            ),
            (
                "area",
                models.CharField(
                    blank=True,
                    choices=[
                        ("chest", "chest"),
                        ("waist", "waist"),
                        ("hips", "hips"),
                        ("shoulders", "shoulders"),
                        ("length", "length"),
                        ("sleeves", "sleeves"),
                        ("foot", "foot"),
                    ],
                    max_length=10,
                    verbose_name="where",
                ),
            ),
            (
                "facts",
                models.JSONField(default=dict, help_text="Only what she let us use.", verbose_name="her measures (mm)"),
            ),
            ("ordered_on", models.DateField(verbose_name="ordered on")),
            ("voted_at", models.DateTimeField(verbose_name="said at")),
            ("retracted_at", models.DateTimeField(null=True, verbose_name="taken back at")),
            ("learned_at", models.DateTimeField(null=True, verbose_name="learned at")),
        ],
        options={
            "verbose_name": "fit vote",
            "verbose_name_plural": "fit votes",
            "indexes": [
                models.Index(
                    condition=models.Q(("learned_at__isnull", True)),
                    fields=["voted_at", "id"],
                    name="fit_vote_to_learn",
                )
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(models.Q(("verdict", "fit"), _negated=True), ("area", ""), _connector="OR"),
                    name="fit_vote_fits_everywhere",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PriceInterval",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "variant",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="prices",
                    to="shop.variant",
                    verbose_name="variant",
                ),
            ),
            ("price_minor", models.PositiveIntegerField(verbose_name="price (minor units)")),
            ("currency", models.CharField(max_length=3, verbose_name="currency")),
            ("starts_at", models.DateTimeField(verbose_name="from")),
            ("ends_at", models.DateTimeField(null=True, verbose_name="to")),
        ],
        options={
            "verbose_name": "former price",
            "verbose_name_plural": "prices so far",
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="price_lasted_a_while"
                ),
                models.CheckConstraint(condition=models.Q(("price_minor__gt", 0)), name="price_in_history_is_a_price"),
                models.UniqueConstraint(
                    condition=models.Q(("ends_at", None)), fields=("variant",), name="price_of_today_once"
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[
                        ("variant", "="),
                        (
                            models.Func(
                                models.F("starts_at"),
                                models.F("ends_at"),
                                function="TSTZRANGE",
                                output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                            ),
                            "&&",
                        ),
                    ],
                    name="price_never_two_at_once",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ReducedPrice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "reduction",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="shop.reduction"
                ),
            ),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="reductions", to="shop.variant"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("planned", "planned"),
                        ("running", "running"),
                        ("ended", "ended"),
                        ("refused", "not reduced"),
                    ],
                    default="planned",
                    max_length=8,
                    verbose_name="state",
                ),
            ),
            ("price_minor", models.PositiveIntegerField(null=True, verbose_name="reduced price (minor units)")),
            (
                "reference_minor",
                models.PositiveIntegerField(null=True, verbose_name="lowest price of 30 days before (minor units)"),
            ),
            ("before_minor", models.PositiveIntegerField(null=True, verbose_name="price before (minor units)")),
            ("carried", models.BooleanField(default=False, verbose_name="reference of the step before")),
            ("why", models.CharField(blank=True, max_length=12, verbose_name="why not")),
            ("started_at", models.DateTimeField(null=True, verbose_name="began at")),
            ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
        ],
        options={
            "verbose_name": "reduced price",
            "verbose_name_plural": "reduced prices",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "planned")), fields=("variant",), name="reduction_planned_once"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state", "running")), fields=("variant",), name="reduction_running_once"
                ),
                models.UniqueConstraint(fields=("reduction", "variant"), name="reduced_once_each"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("state__in", ["running", "ended"]), _negated=True),
                        models.Q(
                            ("before_minor__gt", models.F("price_minor")),
                            ("price_minor__lt", models.F("reference_minor")),
                            ("started_at__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="reduced_against_something",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Review",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("purchase", models.CharField(max_length=60, unique=True, verbose_name="bought with")),
            ("order_number", models.CharField(max_length=20, verbose_name="order")),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="shop.variant"
                ),
            ),
            (
                "customer",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("author", models.CharField(max_length=60, verbose_name="name shown")),
            ("stars", models.PositiveSmallIntegerField(verbose_name="stars")),
            ("title", models.CharField(blank=True, max_length=120, verbose_name="title")),
            ("text", models.TextField(blank=True, max_length=4000, verbose_name="text")),
            ("size", models.CharField(blank=True, max_length=60, verbose_name="size bought")),
            ("usual_size", models.CharField(blank=True, max_length=60, verbose_name="usual size")),
            (
                "height_band",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="The band of five centimetres begins here.",
                    null=True,
                    verbose_name="height from (cm)",
                ),
            ),
            (
                "verdict",
                models.CharField(
                    blank=True,
                    choices=[("small", "too small"), ("fit", "it fits"), ("large", "too large")],
                    max_length=5,
                    verbose_name="fit",
                ),
            ),
            (
                "area",
                models.CharField(
                    blank=True,
                    choices=[
                        ("chest", "chest"),
                        ("waist", "waist"),
                        ("hips", "hips"),
                        ("shoulders", "shoulders"),
                        ("length", "length"),
                        ("sleeves", "sleeves"),
                        ("foot", "foot"),
                    ],
                    max_length=10,
                    verbose_name="where",
                ),
            ),
            ("ordered_on", models.DateField(verbose_name="ordered on")),
            ("written_at", models.DateTimeField(verbose_name="written at")),
            (
                "status",
                models.CharField(
                    choices=[("waiting", "waiting for us"), ("published", "published"), ("declined", "declined")],
                    default="waiting",
                    max_length=10,
                    verbose_name="status",
                ),
            ),
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
            (
                "decline_reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("personal", "it names people or tells private things"),
                        ("abuse", "it insults somebody"),
                        ("elsewhere", "it is about something else, such as delivery"),
                        ("advert", "it advertises something"),
                        ("picture", "a picture cannot be shown"),
                    ],
                    max_length=10,
                    verbose_name="why declined",
                ),
            ),
            ("decline_words", models.CharField(blank=True, max_length=300, verbose_name="in our words")),
            ("answer", models.TextField(blank=True, max_length=2000, verbose_name="our answer")),
            ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
            (
                "answered_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "review",
            "verbose_name_plural": "reviews",
            "permissions": [("moderate_review", "Can publish, decline and answer reviews")],
            "indexes": [
                models.Index(
                    condition=models.Q(("status", "waiting")), fields=["written_at", "id"], name="review_waiting"
                ),
                models.Index(
                    condition=models.Q(("status", "published")),
                    fields=["variant", "-written_at", "-id"],
                    name="review_published",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("stars__gte", 1), ("stars__lte", 5)), name="review_has_one_to_five_stars"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_at__isnull", True), ("status", "waiting")),
                        models.Q(models.Q(("status", "waiting"), _negated=True), ("decided_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="review_decided_has_a_moment",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("status", "declined"),
                            models.Q(("decline_reason", ""), _negated=True),
                            models.Q(("decline_words", ""), _negated=True),
                        ),
                        models.Q(
                            models.Q(("status", "declined"), _negated=True),
                            ("decline_reason", ""),
                            ("decline_words", ""),
                        ),
                        _connector="OR",
                    ),
                    name="review_declined_says_why",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("answer", ""), ("answered_at__isnull", True)),
                        models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="review_answer_has_a_moment",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StockAlert",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="alerts", to="shop.variant"
                ),
            ),
            ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
            ("locale", models.CharField(max_length=10, verbose_name="language")),
            ("asked_at", models.DateTimeField(verbose_name="asked at")),
            ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
            ("told_at", models.DateTimeField(null=True, verbose_name="told at")),
            ("stopped_at", models.DateTimeField(null=True, verbose_name="stopped at")),
        ],
        options={
            "verbose_name": "waiting for a piece",
            "verbose_name_plural": "waiting for pieces",
            "indexes": [
                models.Index(
                    condition=models.Q(
                        ("confirmed_at__isnull", False), ("stopped_at__isnull", True), ("told_at__isnull", True)
                    ),
                    fields=["variant", "asked_at", "id"],
                    name="stock_alert_waiting",
                ),
                models.Index(
                    condition=models.Q(("told_at__isnull", False)),
                    fields=["variant", "told_at"],
                    name="stock_alert_told",
                ),
                models.Index(fields=["asked_at", "id"], name="stock_alert_age"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    django.db.models.functions.text.Lower("email"),
                    models.F("variant"),
                    condition=models.Q(("stopped_at__isnull", True), ("told_at__isnull", True)),
                    name="stock_alert_once",
                ),
                models.CheckConstraint(
                    condition=models.Q(("told_at__isnull", True), ("confirmed_at__isnull", False), _connector="OR"),
                    name="stock_alert_told_with_consent",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StockLevel",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="stock",
                    to="shop.variant",
                    verbose_name="variant",
                ),
            ),
            (
                "location",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="levels", to="shop.stocklocation"
                ),
            ),
            ("on_hand", models.IntegerField(default=0, verbose_name="on the shelf")),
            ("allocated", models.IntegerField(default=0, verbose_name="spoken for")),
            ("quarantine", models.IntegerField(default=0, verbose_name="in quarantine")),
            (
                "policy",
                models.CharField(
                    choices=[("deny", "sell what is there"), ("made_to_order", "made to order")],
                    default="deny",
                    max_length=15,
                    verbose_name="when empty",
                ),
            ),
            (
                "oversell_limit",
                models.PositiveIntegerField(
                    default=0,
                    help_text="Pieces that may be promised beyond the shelf.",
                    verbose_name="may be sold before made",
                ),
            ),
        ],
        options={
            "verbose_name": "stock level",
            "verbose_name_plural": "stock levels",
            "constraints": [
                models.UniqueConstraint(fields=("variant", "location"), name="stock_level_once"),
                models.CheckConstraint(condition=models.Q(("on_hand__gte", 0)), name="stock_on_hand_not_negative"),
                models.CheckConstraint(condition=models.Q(("allocated__gte", 0)), name="stock_allocated_not_negative"),
                models.CheckConstraint(
                    condition=models.Q(("quarantine__gte", 0)), name="stock_quarantine_not_negative"
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        (
                            "allocated__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("on_hand"), "+", models.F("oversell_limit")
                            ),
                        )
                    ),
                    name="stock_never_oversold",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("policy", "deny"), _negated=True), ("oversell_limit", 0), _connector="OR"
                    ),
                    name="stock_limit_only_made_to_order",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="UploadedPicture",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "product",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="uploads",
                    to="shop.product",
                    verbose_name="product",
                ),
            ),
            ("name", models.UUIDField(unique=True, verbose_name="name")),
            ("width_px", models.PositiveSmallIntegerField(verbose_name="width")),
            ("height_px", models.PositiveSmallIntegerField(verbose_name="height")),
            ("uploaded_at", models.DateTimeField(verbose_name="uploaded at")),
            (
                "uploaded_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="uploaded by",
                ),
            ),
            (
                "hung_as",
                models.OneToOneField(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="upload",
                    to="shop.productimage",
                    verbose_name="shown as",
                ),
            ),
            (
                "words",
                models.CharField(
                    db_default="", default="", max_length=250, verbose_name="what it said when it was shown last"
                ),
            ),
            ("first_hung_at", models.DateTimeField(null=True, verbose_name="first shown at")),
            ("drawn_at", models.DateTimeField(null=True, verbose_name="renditions drawn at")),
            (
                "due_at",
                models.DateTimeField(
                    db_default=django.db.models.functions.datetime.Now(), verbose_name="next try to draw it"
                ),
            ),
            ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries to draw it")),
        ],
        options={
            "verbose_name": "uploaded picture",
            "verbose_name_plural": "uploaded pictures",
            "indexes": [
                models.Index(condition=models.Q(("drawn_at", None)), fields=["due_at", "id"], name="picture_to_draw")
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("hung_as", None), ("first_hung_at__isnull", False), _connector="OR"),
                    name="hung_picture_says_since_when",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="VariantMeasurement",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "variant",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="measurements", to="shop.variant"
                ),
            ),
            (
                "definition",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.measurementdefinition"
                ),
            ),
            ("value_mm", models.PositiveIntegerField(verbose_name="value (mm)")),
            ("tolerance_mm", models.PositiveIntegerField(default=0, verbose_name="tolerance (mm)")),
        ],
        options={
            "verbose_name": "variant measurement",
            "verbose_name_plural": "variant measurements",
            "constraints": [models.UniqueConstraint(fields=("variant", "definition"), name="variant_measure_once")],
        },
    ),
    migrations.CreateModel(
        name="ReviewPhoto",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "review",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="shop.review"),
            ),
            ("name", models.UUIDField(unique=True, verbose_name="name")),
            ("width_px", models.PositiveSmallIntegerField(verbose_name="width")),
            ("height_px", models.PositiveSmallIntegerField(verbose_name="height")),
            ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
        ],
        options={
            "verbose_name": "photo of a review",
            "verbose_name_plural": "photos of reviews",
            "constraints": [models.UniqueConstraint(fields=("review", "position"), name="review_photo_place")],
        },
    ),
    migrations.CreateModel(
        name="StockArrival",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "level",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="arrivals",
                    to="shop.stocklevel",
                    verbose_name="shelf",
                ),
            ),
            (
                "source",
                models.CharField(
                    choices=[("purchase", "bought"), ("production", "made by us")],
                    default="production",
                    max_length=10,
                    verbose_name="from",
                ),
            ),
            ("pieces", models.PositiveIntegerField(verbose_name="pieces")),
            ("arrived_pieces", models.PositiveIntegerField(default=0, verbose_name="arrived")),
            ("expected_on", models.DateField(verbose_name="expected on")),
            (
                "note",
                models.CharField(
                    blank=True, help_text="Such as: order 114 at the weaver's.", max_length=200, verbose_name="note"
                ),
            ),
            (
                "state",
                models.CharField(
                    choices=[("expected", "expected"), ("arrived", "arrived"), ("called_off", "called off")],
                    default="expected",
                    max_length=10,
                    verbose_name="state",
                ),
            ),
            (
                "announced_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("announced_at", models.DateTimeField(verbose_name="announced at")),
            ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
        ],
        options={
            "verbose_name": "arrival",
            "verbose_name_plural": "arrivals",
            "indexes": [
                models.Index(
                    condition=models.Q(("state", "expected")), fields=["expected_on", "id"], name="arrival_expected"
                )
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("pieces__gte", 1)), name="arrival_has_pieces"),
                models.CheckConstraint(
                    condition=models.Q(("arrived_pieces__lte", models.F("pieces"))),
                    name="arrival_not_more_than_expected",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StockCountLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "stock_count",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="shop.stockcount"
                ),
            ),
            (
                "level",
                models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shop.stocklevel"),
            ),
            ("expected", models.IntegerField(null=True, verbose_name="by the books")),
            ("counted", models.PositiveIntegerField(null=True, verbose_name="counted")),
            ("counted_at", models.DateTimeField(null=True, verbose_name="counted at")),
            (
                "counted_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("booked_at", models.DateTimeField(null=True, verbose_name="booked at")),
        ],
        options={
            "verbose_name": "line of a stock count",
            "verbose_name_plural": "lines of stock counts",
            "constraints": [
                models.UniqueConstraint(fields=("stock_count", "level"), name="stock_count_line_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        ("counted__isnull", True),
                        models.Q(("counted_at__isnull", False), ("expected__isnull", False)),
                        _connector="OR",
                    ),
                    name="stock_count_line_knows_the_books",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StockMovement",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "level",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="movements", to="shop.stocklevel"
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("received", "received"),
                        ("made", "made"),
                        ("allocated", "spoken for"),
                        ("released", "free again"),
                        ("handed_over", "handed over"),
                        ("returned", "returned to the shelf"),
                        ("quarantined", "put in quarantine"),
                        ("cleared", "back from quarantine"),
                        ("written_off", "written off"),
                        ("adjusted", "counted"),
                        ("moved", "carried to another location"),
                    ],
                    max_length=12,
                    verbose_name="kind",
                ),
            ),
            ("on_hand_delta", models.IntegerField(default=0, verbose_name="shelf")),
            ("allocated_delta", models.IntegerField(default=0, verbose_name="spoken for")),
            ("quarantine_delta", models.IntegerField(default=0, verbose_name="quarantine")),
            ("order_number", models.CharField(blank=True, db_index=True, max_length=20, verbose_name="order")),
            ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
            (
                "actor",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("key", models.CharField(max_length=120, unique=True, verbose_name="idempotency key")),
            ("moved_at", models.DateTimeField(verbose_name="moved at")),
        ],
        options={
            "verbose_name": "stock movement",
            "verbose_name_plural": "stock movements",
            "indexes": [
                models.Index(
                    condition=models.Q(("kind__in", ["allocated", "released"])),
                    fields=["moved_at"],
                    include=("level", "allocated_delta"),
                    name="movement_sold",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="StockReservation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("holder", models.CharField(help_text="Such as orders.cart:12.", max_length=60, verbose_name="held for")),
            (
                "variant",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="shop.variant"),
            ),
            (
                "level",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="reservations", to="shop.stocklevel"
                ),
            ),
            ("quantity", models.PositiveSmallIntegerField(verbose_name="pieces")),
            ("expires_at", models.DateTimeField(verbose_name="held until")),
        ],
        options={
            "verbose_name": "reservation",
            "verbose_name_plural": "reservations",
            "indexes": [models.Index(fields=["expires_at", "id"], name="reservation_expiry")],
            "constraints": [
                models.UniqueConstraint(fields=("holder", "level"), name="reservation_once"),
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="reservation_has_pieces"),
            ],
        },
    ),
]


class Migration(migrations.Migration):
    replaces = [
        ("shop", "0001_create_tables"),
        ("shop", "0002_allow_search_and_ranges"),
        ("shop", "0003_guard_append_only_tables"),
        ("shop", "0004_keep_calendar_versions"),
        ("shop", "0005_keep_former_addresses"),
        ("shop", "0006_open_accounts"),
        ("shop", "0007_hear_customers"),
        ("shop", "0008_hold_count_and_expect_stock"),
        ("shop", "0009_find_products"),
        ("shop", "0010_note_what_listings_change"),
        ("shop", "0011_wait_for_pieces"),
        ("shop", "0012_keep_prices"),
        ("shop", "0013_write_price_history"),
        ("shop", "0014_answer_requests_about_data"),
        ("shop", "0015_redact_by_leave_only"),
        ("shop", "0016_say_more_about_pieces"),
        ("shop", "0017_keep_own_sizes"),
        ("shop", "0018_keep_a_journal_of_erasures"),
        ("shop", "0019_announce_reductions"),
        ("shop", "0020_price_by_content"),
        ("shop", "0021_keep_uploaded_pictures"),
        ("shop", "0022_space_out_drawing"),
        ("shop", "0023_tell_decoration"),
        ("shop", "0024_find_what_was_sold"),
        ("shop", "0025_remember_words_of_pictures"),
        ("shop", "0026_limit_what_is_sold_beyond_the_shelf"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        CreateTogether(TABLES),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
        migrations.RunSQL(CACHE, migrations.RunSQL.noop),
        migrations.RunSQL(LISTINGS, migrations.RunSQL.noop),
        migrations.RunSQL(PRICES, migrations.RunSQL.noop),
    ]
