"""What is on its way is found by the day it arrives: a listing changes with arrivals, and with what is promised of them."""

from django.db import migrations, models

NOTE = """
CREATE FUNCTION kingpost_note_goods() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
BEGIN
    INSERT INTO shop_listingdue (product_id)
    SELECT v.product_id FROM shop_stocklevel l JOIN shop_variant v ON v.id = l.variant_id
    WHERE l.id = (mine ->> TG_ARGV[0])::bigint AND EXISTS (
        SELECT 1 FROM shop_stocklevel o WHERE o.variant_id = l.variant_id AND o.policy IN ('backorder', 'preorder'));
    RETURN NULL;
END $$;
CREATE TRIGGER note_goods AFTER INSERT OR DELETE OR UPDATE OF level_id, pieces, arrived_pieces, expected_on, state,
    overdue_at ON shop_stockarrival FOR EACH ROW EXECUTE FUNCTION kingpost_note_goods('level_id');
CREATE TRIGGER note_goods AFTER UPDATE ON shop_stocklevel
    FOR EACH ROW WHEN (
        OLD.on_hand - OLD.allocated + CASE WHEN OLD.policy IN ('backorder', 'preorder') THEN 0 ELSE OLD.oversell_limit END
        <> NEW.on_hand - NEW.allocated
            + CASE WHEN NEW.policy IN ('backorder', 'preorder') THEN 0 ELSE NEW.oversell_limit END)
    EXECUTE FUNCTION kingpost_note_goods('id');
INSERT INTO shop_listingdue (product_id)
SELECT DISTINCT v.product_id FROM shop_variant v JOIN shop_stocklevel l ON l.variant_id = v.id
WHERE l.policy IN ('backorder', 'preorder');
"""
FORGET = """
DROP TRIGGER note_goods ON shop_stockarrival;
DROP TRIGGER note_goods ON shop_stocklevel;
DROP FUNCTION kingpost_note_goods();
INSERT INTO shop_listingdue (product_id) SELECT product_id FROM shop_listing WHERE facets::text LIKE '%comes:%';
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0033_find_names_first")]
    operations = [
        migrations.AddField(
            model_name="stockarrival",
            name="overdue_at",
            field=models.DateTimeField(null=True, verbose_name="noticed that its day is over at"),
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
