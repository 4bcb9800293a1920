"""What we wrote of our own accord before it was counted counts from the moment it was sent."""

from django.db import migrations

FILL = """
    UPDATE notifications_message SET unasked_at = sent_at
    WHERE kind IN ('review_invitation', 'birthday', 'anniversary') AND state = 'sent' AND channel <> 'inbox'
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0008_count_unasked_mails")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
