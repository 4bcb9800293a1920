"""Indexes of messages that cost and serve nobody go: doubled by another one, made for LIKE, filled with nothing.

What a message costs is mostly rows of indexes, written anew with each of its steps.  The new ones come first, so that
nothing is ever searched without.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the three that stay under names of their own, then let go."""

    dependencies = [("notifications", "0014_keep_the_plans_of_the_journal"), ("shop", "0032_find_what_is_not_here_yet")]

    operations = [
        migrations.AddIndex("message", models.Index(fields=["order_number"], name="message_of_order")),
        migrations.AddIndex(
            "message",
            models.Index(condition=models.Q(told_in__isnull=False), fields=["told_in"], name="message_told_in"),
        ),
        migrations.AddConstraint("message", models.UniqueConstraint(fields=("message_id",), name="message_id_once")),
        migrations.RemoveIndex("message", "message_of_recipient"),
        migrations.AlterField(
            "attempt",
            "message",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="journal",
                to="notifications.message",
            ),
        ),
        migrations.AlterField(
            "message",
            "event",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="shop.event",
            ),
        ),
        migrations.AlterField("message", "message_id", models.CharField(max_length=200, verbose_name="Message-ID")),
        migrations.AlterField(
            "message", "order_number", models.CharField(blank=True, max_length=20, verbose_name="order")
        ),
        migrations.AlterField(
            "message",
            "told_in",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="notifications.message",
            ),
        ),
    ]
