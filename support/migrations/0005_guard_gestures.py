"""What was given is a fact: the database refuses to change or delete it."""

from django.db import migrations

GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON support_gesture
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
"""
UNGUARD = "DROP TRIGGER append_only ON support_gesture;"


class Migration(migrations.Migration):
    dependencies = [("support", "0004_regret_faults_within_a_budget"), ("shop", "0003_guard_append_only_tables")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
