"""Events and stock movements are facts: the database refuses to change or delete them.

People may be forgotten: a changed reference to a person is let through.  TRUNCATE (tests) does not fire row triggers.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION kingpost_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - TG_ARGV) = (to_jsonb(OLD) - TG_ARGV) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_event
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('customer_id', 'actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_stockmovement
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
"""
UNGUARD = """
DROP TRIGGER append_only ON shop_event;
DROP TRIGGER append_only ON shop_stockmovement;
DROP FUNCTION kingpost_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_allow_search_and_ranges")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
