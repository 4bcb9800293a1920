"""Exchanges that still go out after their order arrived are found for a crisis."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0049_fill_agreed_prices")]

    operations = [
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                fields=["order"],
                condition=models.Q(status__in=["planned", "packed", "handed_over"], due_at__isnull=False),
                name="parcel_of_exchange",
            ),
        ),
    ]
