"""An account of store credit is a row of facts: the database refuses to change or delete them."""

from django.db import migrations

GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_creditentry
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
"""
UNGUARD = "DROP TRIGGER append_only ON orders_creditentry;"


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_keep_every_way_of_money"), ("shop", "0003_guard_append_only_tables")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
