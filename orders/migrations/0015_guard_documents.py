"""An invoice is a fact: the database refuses to change or delete it, and its paper."""

from django.db import migrations

GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_document
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('actor_id');
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_documentfile
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
"""
UNGUARD = """
DROP TRIGGER append_only ON orders_document;
DROP TRIGGER append_only ON orders_documentfile;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0014_issue_documents"), ("shop", "0003_guard_append_only_tables")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
