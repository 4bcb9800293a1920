"""The ledger is append-only; of a promise only the moment it was told may be filled in."""

from django.db import migrations

GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_paymentevent
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_promise
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('told_at');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_trackingevent
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
"""
UNGUARD = """
DROP TRIGGER append_only ON orders_paymentevent;
DROP TRIGGER append_only ON orders_promise;
DROP TRIGGER append_only ON orders_trackingevent;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_create_tables"), ("shop", "0003_guard_append_only_tables")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
