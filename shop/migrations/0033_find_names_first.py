"""Names stand among the words of a listing once more, behind a sign of their own: every listing is made anew."""

from django.db import migrations

NOTE_ALL = "INSERT INTO shop_listingdue (product_id) SELECT product_id FROM shop_listing"


class Migration(migrations.Migration):
    dependencies = [("shop", "0032_find_what_is_not_here_yet")]
    operations = [migrations.RunSQL(NOTE_ALL, NOTE_ALL)]
