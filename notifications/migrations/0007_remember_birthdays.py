"""Who left her birthday before greetings were kept is looked at by the next sweep, which finds the day."""

from django.db import migrations

FILL = """
    INSERT INTO notifications_greeting (address, occasion, due_at)
    SELECT lower(email), 'birthday', now() FROM shop_user
    WHERE birthday_on IS NOT NULL AND birthday_agreed_at IS NOT NULL
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0006_keep_greetings"),
        ("shop", "0006_open_accounts"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
