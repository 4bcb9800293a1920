"""The database keeps the history of prices itself, so that no writer can forget it or make it prettier.

A row may only be given its end, once.  What costs something now has cost it from now on, as far as anybody can prove:
the history of a shop begins with this migration.  TRUNCATE (tests) does not fire row triggers.
"""

from django.db import migrations

KEEP = """
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

INSERT INTO shop_priceinterval (variant_id, price_minor, currency, starts_at)
SELECT id, price_minor, currency, now() FROM shop_variant;
"""
FORGET = """
DROP TRIGGER begin_price ON shop_variant;
DROP TRIGGER turn_price ON shop_variant;
DROP TRIGGER append_only ON shop_priceinterval;
DROP FUNCTION kingpost_begin_price();
DROP FUNCTION kingpost_turn_price();
DROP FUNCTION kingpost_guard_price();
ALTER TABLE shop_priceinterval DROP CONSTRAINT price_goes_with_its_variant;
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0012_keep_prices")]
    operations = [migrations.RunSQL(KEEP, FORGET)]
