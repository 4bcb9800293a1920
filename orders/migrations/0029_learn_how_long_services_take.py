"""What each night learned of a delivery service; a table never changes."""

import django.db.models.deletion
from django.db import migrations, models

GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON orders_deliverytable
    FOR EACH ROW EXECUTE FUNCTION kingpost_refuse_change();
"""
UNGUARD = "DROP TRIGGER append_only ON orders_deliverytable;"


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0028_find_stuck_parcels"),
    ]

    operations = [
        migrations.AddField(
            model_name="servicelevel",
            name="learned",
            field=models.JSONField(editable=False, null=True, verbose_name="what its newest table says"),
        ),
        migrations.AddField(
            model_name="servicelevel",
            name="learns",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Every night its days are counted anew from its parcels. Off: the days above count.",
                verbose_name="learns from what happened",
            ),
        ),
        migrations.AddField(
            model_name="servicelevel",
            name="refit_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="to be learned again at"),
        ),
        migrations.CreateModel(
            name="DeliveryTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("fitted_at", models.DateTimeField(verbose_name="learned at")),
                ("until_on", models.DateField(verbose_name="from what had happened by")),
                ("knowledge", models.JSONField(verbose_name="what it says")),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tables", to="orders.servicelevel"
                    ),
                ),
            ],
            options={
                "verbose_name": "table of a service",
                "verbose_name_plural": "tables of services",
                "constraints": [models.UniqueConstraint(fields=("service", "version"), name="table_version_once")],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
