"""Stoneware of the demo shop."""

from __future__ import annotations

from shop.demo.measures import piece
from shop.demo.shapes import Picture, Piece

_CARE = (
    "Dishwasher and microwave are fine",
    "Warm it slowly, no open flame",
    "Rinse the bare foot before the first use",
)
_MATERIAL = "Stoneware clay, food-safe glaze, foot left bare"
_ORIGIN = "Thrown and fired in Porto, Portugal"

TABLE = (
    Piece(
        slug="morning-mug",
        goes_with=("breakfast-bowls", "loop-jug", "hoop-teapot"),
        name="Morning mug",
        shelf="table",
        price_minor=2800,
        summary="A stoneware mug for 30 cl with a handle for three fingers and a foot of bare clay.",
        story=(
            "Rui throws forty in a day and keeps about thirty. The foot stays unglazed so that you feel where the "
            "clay came from; the glaze thins at the rim, where your lips want it thin."
        ),
        material=_MATERIAL,
        care=_CARE,
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="Hold it empty for a moment. If it feels right then, it is a mug.",
        points=("Holds 30 cl", "A handle for three fingers", "Glazes run a little differently on each"),
        pictures=(
            Picture(
                "ceramics-mug-sage-1",
                "Speckled sage-green stoneware mug with a bare clay foot, handle to the right",
                "sage",
            ),
            Picture(
                "ceramics-mug-sage-2",
                "Close view of the mug's rim and brown speckles in the sage glaze",
                "sage",
                "detail",
            ),
            Picture("ceramics-mug-oat-1", "Speckled oat-white stoneware mug with a bare clay foot", "oat"),
            Picture(
                "ceramics-mug-indigo-1",
                "Indigo stoneware mug; the glaze thins to grey-blue above the bare clay foot",
                "indigo",
            ),
            Picture(
                "ceramics-mug-indigo-2", "Close view of the indigo mug's rim and throwing rings", "indigo", "detail"
            ),
        ),
        weight_g=380,
        option="glaze",
        tones=("sage", "oat", "indigo"),
        guide="mug",
        measures=piece(diameter=84, height=90, width=118),
        stock={"indigo/": 3},
    ),
    Piece(
        slug="breakfast-bowls",
        goes_with=("morning-mug", "dinner-plates", "three-cooking-spoons"),
        name="Breakfast bowls, pair",
        shelf="table",
        price_minor=4600,
        summary="Two speckled bowls that stack, deep enough for porridge and wide enough for figs.",
        story=(
            "Thrown in pairs, one after the other from the same lump of clay, so that they sit in each other as if "
            "poured."
        ),
        material=_MATERIAL,
        care=_CARE,
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="They come as two because breakfast does.",
        points=("Two bowls that stack", "Holds 55 cl each", "Speckles come from iron in the clay"),
        pictures=(
            Picture("ceramics-bowl-oat-1", "Two speckled oat-white bowls, one inside the other", "oat"),
            Picture(
                "ceramics-bowl-oat-2",
                "Looking into the speckled bowl; a window is reflected in the glaze",
                "oat",
                "detail",
            ),
        ),
        weight_g=920,
        option="glaze",
        tones=("oat",),
        guide="bowl",
        measures=piece(diameter=158, height=70),
    ),
    Piece(
        slug="serving-bowl",
        name="Serving bowl",
        shelf="table",
        price_minor=7400,
        summary="A wide forest-green bowl for the middle of the table: salad for six, or apples for one.",
        story=(
            "Big bowls crack if they dry fast, so this one spends two weeks under a cloth before it sees the kiln. "
            "The green pools darker at the bottom."
        ),
        material=_MATERIAL,
        care=_CARE,
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="Two weeks under a cloth. I look in on it like on a loaf.",
        points=("Salad for six", "Glaze pools darker at the bottom", "Dried for two weeks before firing"),
        pictures=(
            Picture("ceramics-bowl-forest-1", "Wide forest-green serving bowl seen from slightly above", "forest"),
        ),
        weight_g=1350,
        option="glaze",
        tones=("forest",),
        guide="bowl",
        measures=piece(diameter=270, height=87),
        stock={"forest/": 4},
    ),
    Piece(
        slug="dinner-plates",
        goes_with=("breakfast-bowls", "serving-bowl", "fringed-table-runner"),
        name="Dinner plates, set of three",
        shelf="table",
        price_minor=8400,
        summary="Three oat-white plates with a low rim, flat enough to stack and heavy enough to stay.",
        story=(
            "Pressed over a plaster mould and finished on the wheel, because a flat plate is the hardest thing a "
            "potter makes."
        ),
        material=_MATERIAL,
        care=_CARE,
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="Anyone can make a vase. Show me your plates.",
        points=("Three plates", "Stack without scratching", "Fits a dishwasher rack"),
        pictures=(
            Picture("ceramics-plate-oat-1", "Stack of three oat-white dinner plates", "oat"),
            Picture("ceramics-plate-oat-2", "The edges of three stacked plates, side light", "oat", "detail"),
        ),
        weight_g=2400,
        option="glaze",
        tones=("oat",),
        guide="plate",
        measures=piece(diameter=270, height=22),
    ),
    Piece(
        slug="loop-jug",
        name="Loop jug",
        shelf="table",
        price_minor=6200,
        summary="One litre, a spout that does not drip and a handle the whole hand goes through.",
        story=(
            "The spout is pulled with one wet finger while the clay still turns. Rui tests every jug with water; "
            "those that drip become vases."
        ),
        material=_MATERIAL,
        care=_CARE,
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="Those that drip become vases. We have many vases.",
        points=("Holds 1 litre", "Poured and tested one by one", "Good for water, milk and branches"),
        pictures=(
            Picture("ceramics-jug-oat-1", "Speckled oat-white jug with a pulled spout and loop handle", "oat"),
            Picture("ceramics-jug-oat-2", "Looking into the jug's mouth and spout", "oat", "detail"),
        ),
        weight_g=980,
        option="glaze",
        tones=("oat",),
        measures=piece(height=206),
    ),
    Piece(
        slug="hoop-teapot",
        goes_with=("morning-mug", "banded-tea-towel"),
        name="Hoop teapot",
        shelf="table",
        price_minor=11800,
        summary="A matt black teapot for 80 cl with a brass hoop and a walnut grip that stays cool.",
        story=(
            "Three crafts in one pot: Rui throws the body, Marta bends the brass, and the grip comes from the end of"
            " a walnut board. Made when you order it."
        ),
        material="Stoneware, matt charcoal glaze; brass; oiled walnut",
        care=(
            "Rinse by hand, no soap inside",
            "Rub the brass with lemon if you like it bright",
            "Oil the walnut twice a year",
        ),
        origin=_ORIGIN,
        maker="Rui Antunes and Marta Sá",
        maker_note="He says it is about the pot. It is about the handle. (Marta)",
        points=("Holds 80 cl, four small cups", "The grip stays cool", "Built-in strainer holes"),
        pictures=(
            Picture("ceramics-teapot-charcoal-1", "Matt black teapot with a brass hoop handle and walnut grip"),
            Picture("ceramics-teapot-charcoal-2", "Close view of the teapot's lid, knob and walnut grip", "", "detail"),
        ),
        weight_g=1100,
        measures=piece(height=200),
        making_days=8,
    ),
    Piece(
        slug="bottle-vase",
        name="Bottle vase",
        shelf="table",
        price_minor=5400,
        summary="A slim vase for a few stems of dried grass or one good branch.",
        story=(
            "Dipped by the neck, so that the glaze ends in a wavy line just above the table. The rust one is dipped "
            "over dark clay."
        ),
        material=_MATERIAL,
        care=("Wipe with a damp cloth", "Put a mat under it: the foot is bare clay"),
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="The line is never straight. I tried once and missed it.",
        points=("Watertight", "Stands firm with tall stems", "Each glaze line is different"),
        pictures=(
            Picture(
                "ceramics-bottlevase-white-1", "White bottle-shaped vase holding six stems of dried grass", "chalk"
            ),
            Picture(
                "ceramics-bottlevase-white-2",
                "Close view of the wavy line where white glaze meets bare clay",
                "chalk",
                "detail",
            ),
            Picture("ceramics-bottlevase-rust-1", "Rust-red bottle vase with a dark clay foot", "rust"),
        ),
        weight_g=860,
        option="glaze",
        tones=("chalk", "rust"),
        guide="vase",
        measures=piece(height=255, diameter=105),
    ),
    Piece(
        slug="moon-vase",
        name="Moon vase",
        shelf="table",
        price_minor=9800,
        summary="A round indigo vase thrown in two halves and joined while the clay is still soft.",
        story=(
            "You can find the seam with a fingertip on the inside. On the outside there is only blue, three coats of"
            " it, and the window of the room it stands in."
        ),
        material=_MATERIAL,
        care=("Wipe with a damp cloth", "Put a mat under it: the foot is bare clay"),
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="Two bowls, one kiss. Then you hold your breath for three days.",
        points=("Thrown in two halves", "Three coats of indigo glaze", "Watertight"),
        pictures=(
            Picture("ceramics-moonvase-indigo-1", "Round indigo vase with a short collar neck", "indigo"),
            Picture(
                "ceramics-moonvase-indigo-2",
                "Close view of the moon vase's neck; a window is reflected on its shoulder",
                "indigo",
                "detail",
            ),
        ),
        weight_g=1700,
        option="glaze",
        tones=("indigo",),
        guide="vase",
        measures=piece(height=214, diameter=190),
        stock={"indigo/": 2},
    ),
    Piece(
        slug="windowsill-planter",
        name="Windowsill planter",
        shelf="table",
        price_minor=3900,
        summary="A terracotta pot with a collar rim that breathes, so that roots do not drown.",
        story=(
            "Unglazed, low-fired and porous on purpose. It will bloom white in the first month; that is lime, it "
            "wipes off, and some people like it. The plant is not included."
        ),
        material="Terracotta, unglazed, with a drain hole",
        care=("Soak it for an hour before planting", "Bring it in before hard frost"),
        origin=_ORIGIN,
        maker="Rui Antunes",
        maker_note="A pot should be thirstier than the plant.",
        points=("Drain hole and matching saucer", "Breathes", "Fits a 15 cm nursery pot"),
        pictures=(
            Picture(
                "ceramics-planter-terracotta-1", "Terracotta pot with a collar rim holding a snake plant", "terracotta"
            ),
        ),
        weight_g=1250,
        option="colour",
        tones=("terracotta",),
        measures=piece(height=165, diameter=190),
    ),
)
