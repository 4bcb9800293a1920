"""The three trusted extensions every managed Postgres has."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_create_tables")]
    operations = [TrigramExtension(), UnaccentExtension(), BtreeGistExtension()]
