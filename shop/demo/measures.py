"""What is measured, the sizes, and the size guides.  Lengths are millimetres.

The few words of it that lead through the shop are in the catalogues of texts; what describes a piece is written once.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from shop.demo.shapes import Guide, Measures, Shelf, Tone

SHELVES = (
    Shelf(
        "shirts-and-tees",
        _("Shirts & tees"),
        "Cotton and linen for every day, cut in small runs and measured garment by garment, so that the first "
        "size you choose is the one you keep.",
        "apparel-shirt-natural-1",
        "Natural linen shirt laid flat, buttoned, curved hem",
    ),
    Shelf(
        "knitwear-and-accessories",
        _("Knitwear & accessories"),
        "Wool and canvas that gets better with use. Knitted, sewn and finished within an hour of our door.",
        "apparel-scarf-ochre-1",
        "Ochre scarf with cream bands and fringe hanging from a brass peg",
    ),
    Shelf(
        "table",
        _("Table"),
        "Stoneware thrown on Rui's wheel and fired in one small kiln. No two glazes run alike; that is the point.",
        "ceramics-teapot-charcoal-1",
        "Matt black teapot with a brass hoop handle and walnut grip",
    ),
    Shelf(
        "home-textiles",
        _("Home textiles"),
        "Linen and wool woven on shuttle looms in Guimarães: cloth with a weight you feel and edges that stay.",
        "home-throw-terracotta-1",
        "Folded cream throw with a terracotta stripe and cream fringe",
    ),
    Shelf(
        "wood-and-brass",
        _("Wood & brass"),
        "Oak, walnut and brass, oiled rather than varnished, so that a scratch can be sanded out and forgotten.",
        "wood-stool-oak-1",
        "Round oak stool with four splayed legs and stretchers",
    ),
)

# Materials to filter by: code -> name.  A piece has those whose code stands in its composition.
MATERIALS = {
    "cotton": _("Cotton"),
    "linen": _("Linen"),
    "wool": _("Wool"),
    "stoneware": _("Stoneware"),
    "terracotta": _("Terracotta"),
    "oak": _("Oak"),
    "walnut": _("Walnut"),
    "brass": _("Brass"),
    "polyamide": _("Polyamide"),
    "elastane": _("Elastane"),
}

# Option types in the order a shopper chooses: code -> name.
OPTIONS = {"colour": _("Colour"), "glaze": _("Glaze"), "wood": _("Wood"), "size": _("Size")}

TONES = {
    "sage": Tone("Sage", "#8fa67f"),
    "oat": Tone("Oat", "#d9d0c1"),
    "ink": Tone("Ink", "#2c3448"),
    "indigo": Tone("Indigo", "#34528a"),
    "natural": Tone("Natural", "#e2dccf"),
    "rust": Tone("Rust", "#b5543a"),
    "ochre": Tone("Ochre", "#cf9a3c"),
    "forest": Tone("Forest", "#2f5d4f"),
    "terracotta": Tone("Terracotta", "#c56a4c"),
    "chalk": Tone("Chalk", "#efeae2"),
    "oak": Tone("Oak", "#c39a66"),
    "walnut": Tone("Walnut", "#6f4a35"),
}

SIZES = {
    "xs": "XS",
    "s": "S",
    "m": "M",
    "l": "L",
    "xl": "XL",
    "xxl": "XXL",
    "36-38": "36–38",
    "39-41": "39–41",
    "42-44": "42–44",
    "45-47": "45–47",
}
APPAREL_SIZES = ("xs", "s", "m", "l", "xl", "xxl")
SOCK_SIZES = ("36-38", "39-41", "42-44", "45-47")

# Measurement code -> (label, kind, how to measure, drawing).
DEFINITIONS = {
    "body-chest": (
        _("Your chest"),
        "body",
        _("Run the tape level round the fullest part of your chest, under the arms."),
        "measure-chest",
    ),
    "body-waist": (
        _("Your waist"),
        "body",
        _("Run the tape round the narrowest part, just above the navel."),
        "measure-waist",
    ),
    "body-foot": (
        _("Your foot"),
        "body",
        _("Stand on paper, heel to the wall, and measure to the longest toe."),
        "measure-foot",
    ),
    "garment-width": (_("Width, under the arms"), "garment", _("Laid flat, from seam to seam under the arms."), ""),
    "garment-length": (_("Length"), "garment", _("From the shoulder at the neck to the hem."), ""),
    "garment-sleeve": (_("Sleeve"), "garment", _("From the shoulder seam to the end of the sleeve."), ""),
    "piece-length": (_("Length"), "product", "", ""),
    "piece-width": (_("Width"), "product", "", ""),
    "piece-height": (_("Height"), "product", "", ""),
    "piece-diameter": (_("Across"), "product", _("At the widest point."), ""),
    "piece-brim": (_("Brim"), "product", "", ""),
    "piece-handles": (_("Drop of the handles"), "product", "", ""),
}

_TOPS_BODY = {
    "xs": {"body-chest": (800, 860), "body-waist": (640, 700)},
    "s": {"body-chest": (860, 920), "body-waist": (700, 760)},
    "m": {"body-chest": (920, 980), "body-waist": (760, 820)},
    "l": {"body-chest": (980, 1060), "body-waist": (820, 900)},
    "xl": {"body-chest": (1060, 1140), "body-waist": (900, 990)},
    "xxl": {"body-chest": (1140, 1230), "body-waist": (990, 1090)},
}

# What our letters are called elsewhere, by the chest they are cut for (EN 13402-3; UK and US by custom).
_TOPS_NAMES = {
    "xs": {"eu": "32–34", "uk": "6–8", "us": "2–4"},
    "s": {"eu": "36", "uk": "10", "us": "6"},
    "m": {"eu": "38–40", "uk": "12–14", "us": "8–10"},
    "l": {"eu": "42", "uk": "16", "us": "12"},
    "xl": {"eu": "44–46", "uk": "18–20", "us": "14–16"},
    "xxl": {"eu": "48–50", "uk": "22–24", "us": "18–20"},
}

GUIDES = (
    Guide(
        "tee",
        "T-shirts",
        "garment-tee",
        "A T-shirt laid flat. A is the width under the arms, B the length from the shoulder at the neck to the "
        "hem, C the sleeve length from the shoulder seam.",
        "A width, B length, C sleeve. Between two sizes, take the larger for a loose fit.",
        _TOPS_BODY,
        _TOPS_NAMES,
    ),
    Guide(
        "shirt",
        "Shirts",
        "garment-shirt",
        "A shirt laid flat and buttoned. A is the width under the arms, B the back length from the collar seam "
        "to the hem, C the sleeve length from the shoulder seam to the cuff.",
        "A width, B length, C sleeve. Compare them with a shirt you like to wear, laid flat.",
        _TOPS_BODY,
        _TOPS_NAMES,
    ),
    Guide(
        "jumper",
        "Jumpers",
        "garment-tee",
        "A top laid flat. A is the width under the arms, B the length from the shoulder at the neck to the hem, "
        "C the sleeve length from the shoulder seam.",
        "A width, B length, C sleeve. Wool gives: if you are between two sizes, the smaller one will settle.",
        _TOPS_BODY,
        _TOPS_NAMES,
    ),
    Guide(
        "socks",
        "Socks",
        "measure-foot",
        "A foot seen from above, standing on paper with the heel against a wall. A is the length from the wall "
        "to the longest toe, B the width at the ball of the foot.",
        "Measure both feet in the evening and go by the longer one.",
        {
            "36-38": {"body-foot": (225, 242)},
            "39-41": {"body-foot": (243, 260)},
            "42-44": {"body-foot": (261, 278)},
            "45-47": {"body-foot": (279, 298)},
        },
        {
            "36-38": {"uk": "3–5", "us": "5–7"},
            "39-41": {"uk": "5½–7½", "us": "7½–9½"},
            "42-44": {"uk": "8–10", "us": "9–11"},
            "45-47": {"uk": "10½–12½", "us": "11½–13½"},
        },
    ),
    Guide(
        "beanie",
        "Beanies",
        "garment-beanie",
        "A beanie laid flat. A is the width at the brim, B the height with the brim turned up, C the height of "
        "the brim.",
        "A width, B height with the brim turned up, C brim. The rib stretches from 52 to 62 cm round.",
    ),
    Guide(
        "scarf",
        "Scarves",
        "garment-scarf",
        "A scarf laid flat. A is the width, B the length without the fringe, C the length of the fringe.",
        "A width, B length without the fringe.",
    ),
    Guide(
        "tote",
        "Bags",
        "home-tote",
        "A tote bag seen from the front. A is the width, B the height of the bag, C the drop of the handles.",
        "A width, B height, C drop of the handles.",
    ),
    Guide(
        "mug",
        "Mugs",
        "home-mug",
        "A mug seen from the side. A is the diameter of the rim, B the height, C the width including the handle.",
        "A across the rim, B height, C width with the handle. Thrown by hand: a few millimetres either way.",
    ),
    Guide(
        "bowl",
        "Bowls",
        "home-bowl",
        "A bowl seen from the side. A is the diameter of the rim, B the height, C the diameter of the foot.",
        "A across the rim, B height. Thrown by hand: a few millimetres either way.",
    ),
    Guide(
        "plate",
        "Plates",
        "home-plate",
        "A plate seen at an angle. A is the diameter of the rim, B the diameter of the flat well, C the height.",
        "A across the rim, C height.",
    ),
    Guide(
        "vase",
        "Vases",
        "home-vase",
        "A vase seen from the side. A is the diameter of the mouth, B the height, C the diameter at the widest point.",
        "B height, C across at the widest point.",
    ),
    Guide(
        "cushion",
        "Cushions",
        "home-cushion",
        "A cushion seen from the front. A is the width and B the height of the cover, measured from seam to seam.",
        "A width, B height, from seam to seam. The inner is 5 cm larger, so that the corners stay full.",
    ),
    Guide(
        "throw",
        "Throws",
        "home-throw",
        "A folded throw above, and opened flat below. A is the length without fringe, B the width.",
        "A length without the fringe, B width.",
    ),
)


def tops(width: int, length: int, sleeve: int, sleeve_step: int = 10) -> Measures:
    """Grade a top from its XS measures: 3 cm wider and 2 cm longer a size, as our patterns are."""
    return {
        size: {
            "garment-width": width + 30 * step,
            "garment-length": length + 20 * step,
            "garment-sleeve": sleeve + sleeve_step * step,
        }
        for step, size in enumerate(APPAREL_SIZES)
    }


def piece(**millimetres: int) -> Measures:
    """Give the measures of a piece without sizes: `piece(height=90)`."""
    return {"": {f"piece-{name}": value for name, value in millimetres.items()}}
