"""What can be ordered before it is here has a filter: a listing changes with the limit of such a shelf, too."""

from django.db import migrations

NOTE = """
DROP TRIGGER note_listing_change ON shop_stocklevel;
CREATE TRIGGER note_listing_change AFTER UPDATE ON shop_stocklevel
    FOR EACH ROW WHEN ((OLD.on_hand + CASE WHEN OLD.policy IN ('backorder', 'preorder') THEN 0 ELSE OLD.oversell_limit END
            > OLD.allocated)
        <> (NEW.on_hand + CASE WHEN NEW.policy IN ('backorder', 'preorder') THEN 0 ELSE NEW.oversell_limit END
            > NEW.allocated)
        OR (OLD.on_hand + OLD.oversell_limit > OLD.allocated) <> (NEW.on_hand + NEW.oversell_limit > NEW.allocated)
        OR OLD.policy <> NEW.policy)
    EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
INSERT INTO shop_listingdue (product_id)
SELECT DISTINCT v.product_id FROM shop_variant v JOIN shop_stocklevel l ON l.variant_id = v.id
WHERE l.policy IN ('backorder', 'preorder');
"""
NOTE_AS_BEFORE = """
DROP TRIGGER note_listing_change ON shop_stocklevel;
CREATE TRIGGER note_listing_change AFTER UPDATE ON shop_stocklevel
    FOR EACH ROW WHEN ((OLD.on_hand + CASE WHEN OLD.policy IN ('backorder', 'preorder') THEN 0 ELSE OLD.oversell_limit END
            > OLD.allocated)
        <> (NEW.on_hand + CASE WHEN NEW.policy IN ('backorder', 'preorder') THEN 0 ELSE NEW.oversell_limit END
            > NEW.allocated))
    EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0031_tell_of_low_stock")]
    operations = [migrations.RunSQL(NOTE, NOTE_AS_BEFORE)]
