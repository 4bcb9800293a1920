"""Whatever a listing is made of notes the product when it changes, so that no writer can forget it.

Stock speaks up only when a shelf becomes empty or stops being empty.  Every product there is now is noted once.
"""

from django.db import migrations

NOTE = """
CREATE FUNCTION kingpost_note_listing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    wanted bigint := (mine ->> TG_ARGV[1])::bigint;
BEGIN
    IF TG_ARGV[0] = 'product' THEN
        INSERT INTO shop_listingdue (product_id) VALUES (wanted);
    ELSIF TG_ARGV[0] = 'variant' THEN
        INSERT INTO shop_listingdue (product_id) SELECT product_id FROM shop_variant WHERE id = wanted;
    ELSIF TG_ARGV[0] = 'category' THEN
        INSERT INTO shop_listingdue (product_id) SELECT id FROM shop_product WHERE category_id = wanted;
    ELSIF TG_ARGV[0] = 'material' THEN
        INSERT INTO shop_listingdue (product_id)
        SELECT product_id FROM shop_product_materials WHERE material_id = wanted;
    ELSIF TG_ARGV[0] = 'option' THEN
        INSERT INTO shop_listingdue (product_id)
        SELECT DISTINCT v.product_id FROM shop_variant v JOIN shop_variant_options o ON o.variant_id = v.id
        WHERE o.optionvalue_id = wanted;
    ELSIF TG_ARGV[0] = 'options' THEN
        INSERT INTO shop_listingdue (product_id)
        SELECT DISTINCT v.product_id FROM shop_variant v JOIN shop_variant_options o ON o.variant_id = v.id
        JOIN shop_optionvalue x ON x.id = o.optionvalue_id WHERE x.type_id = wanted;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER note_listing AFTER INSERT OR UPDATE OR DELETE ON shop_product
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'id');
CREATE TRIGGER note_listing AFTER INSERT OR UPDATE OR DELETE ON shop_variant
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'product_id');
CREATE TRIGGER note_listing AFTER INSERT OR DELETE ON shop_product_materials
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'product_id');
CREATE TRIGGER note_listing AFTER INSERT OR UPDATE OF stars OR DELETE ON shop_voices
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('product', 'product_id');
CREATE TRIGGER note_listing AFTER INSERT OR DELETE ON shop_variant_options
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
CREATE TRIGGER note_listing AFTER INSERT OR DELETE ON shop_stocklevel
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
CREATE TRIGGER note_listing_change AFTER UPDATE ON shop_stocklevel
    FOR EACH ROW WHEN ((OLD.on_hand + OLD.oversell_limit > OLD.allocated)
        <> (NEW.on_hand + NEW.oversell_limit > NEW.allocated))
    EXECUTE FUNCTION kingpost_note_listing('variant', 'variant_id');
CREATE TRIGGER note_listing AFTER UPDATE OF name, slug ON shop_category
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('category', 'id');
CREATE TRIGGER note_listing AFTER UPDATE OF code, name ON shop_material
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('material', 'id');
CREATE TRIGGER note_listing AFTER UPDATE OF code, label, type_id ON shop_optionvalue
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('option', 'id');
CREATE TRIGGER note_listing AFTER UPDATE OF code ON shop_optiontype
    FOR EACH ROW EXECUTE FUNCTION kingpost_note_listing('options', 'id');

INSERT INTO shop_listingdue (product_id) SELECT id FROM shop_product;
"""
FORGET = """
DROP TRIGGER note_listing ON shop_product;
DROP TRIGGER note_listing ON shop_variant;
DROP TRIGGER note_listing ON shop_product_materials;
DROP TRIGGER note_listing ON shop_voices;
DROP TRIGGER note_listing ON shop_variant_options;
DROP TRIGGER note_listing ON shop_stocklevel;
DROP TRIGGER note_listing_change ON shop_stocklevel;
DROP TRIGGER note_listing ON shop_category;
DROP TRIGGER note_listing ON shop_material;
DROP TRIGGER note_listing ON shop_optionvalue;
DROP TRIGGER note_listing ON shop_optiontype;
DROP FUNCTION kingpost_note_listing();
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0009_find_products")]
    operations = [migrations.RunSQL(NOTE, FORGET)]
