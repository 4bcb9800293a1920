"""Since when open orders have heard nothing of us."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0003_keep_briefs"),
        ("orders", "0024_ask_about_arrivals"),
    ]

    operations = [
        migrations.CreateModel(
            name="Quiet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(verbose_name="a word is due at")),
                ("notes", models.PositiveSmallIntegerField(default=0, verbose_name="notes of where it stands")),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.order"
                    ),
                ),
            ],
            options={
                "verbose_name": "silence of an order",
                "verbose_name_plural": "silences of orders",
                "indexes": [models.Index(fields=["due_at", "id"], name="quiet_due")],
            },
        ),
    ]
