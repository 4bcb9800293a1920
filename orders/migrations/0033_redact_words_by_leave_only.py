"""What a courier says may name who took the parcel, and a note whom it is about: an erasure may take these words out."""

from django.db import migrations

GUARD = """
DROP TRIGGER append_only ON orders_trackingevent;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_trackingevent
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change_without_leave('words,place', '');
DROP TRIGGER append_only ON orders_ordernote;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_ordernote
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change_without_leave('text', 'author_id');
"""
UNGUARD = """
DROP TRIGGER append_only ON orders_trackingevent;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_trackingevent
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
DROP TRIGGER append_only ON orders_ordernote;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_ordernote
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change('author_id');
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0032_show_board_of_promises"), ("shop", "0015_redact_by_leave_only")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
