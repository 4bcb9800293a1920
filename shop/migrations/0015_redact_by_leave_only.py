"""Facts stay facts, but words about a person may be taken out of them: row by row, with a leave that is kept.

The leave is a row of shop_redaction, written in the same transaction for an erasure that has begun; the trigger names
the columns.  Whoever has no leave meets the guard as before, and nothing ever switches it off.
"""

from django.db import migrations

GUARD = """
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
DROP TRIGGER append_only ON shop_event;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_event
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change_without_leave('payload', 'customer_id,actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_redaction
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
"""
UNGUARD = """
DROP TRIGGER append_only ON shop_redaction;
DROP TRIGGER append_only ON shop_event;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON shop_event
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('customer_id', 'actor_id');
DROP FUNCTION kingpost_refuse_change_without_leave();
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0014_answer_requests_about_data")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
