"""Home textiles of the demo shop."""

from __future__ import annotations

from shop.demo.measures import piece
from shop.demo.shapes import Picture, Piece

_LINEN_CARE = ("Wash at 40 °C", "Hang to dry", "Iron damp, or not at all", "Softens with every wash")
_CUSHION_CARE = ("Cover: wash at 30 °C, inside out", "Inner: air it in the sun", "Close the zip before washing")
_ORIGIN = "Woven in Guimarães, sewn in Porto, Portugal"

TEXTILES = (
    Piece(
        slug="piped-linen-cushion",
        goes_with=("striped-cushion", "striped-wool-throw"),
        name="Piped linen cushion",
        shelf="home-textiles",
        price_minor=4900,
        summary="Ochre linen with piped edges and a feather inner that can be plumped back for years.",
        story=(
            "The piping is cut on the bias from the same cloth, which is slow and is the reason the corners stay sharp."
        ),
        material="Cover 100 % linen; inner cotton with recycled feather",
        care=_CUSHION_CARE,
        origin=_ORIGIN,
        maker="Joana Pires",
        maker_note="Look at the corners. Anyone can sew a side.",
        points=("Inner included", "Hidden zip", "Piping cut on the bias"),
        pictures=(
            Picture("home-cushion-ochre-1", "Ochre linen cushion with piped edges, standing", "ochre"),
            Picture(
                "home-cushion-ochre-2", "Close view of the ochre cushion's weave and piped corner", "ochre", "detail"
            ),
        ),
        weight_g=620,
        tones=("ochre",),
        gsm=260,
        guide="cushion",
        measures=piece(width=450, height=450),
    ),
    Piece(
        slug="striped-cushion",
        name="Striped cushion",
        shelf="home-textiles",
        price_minor=5200,
        summary="Cream cotton with woven indigo stripes, piped in the same blue.",
        story="The stripes are in the warp, so they run true from edge to edge and look the same on the back.",
        material="Cover 100 % cotton; inner cotton with recycled feather",
        care=_CUSHION_CARE,
        origin=_ORIGIN,
        maker="Joana Pires",
        maker_note="Both sides are the front.",
        points=("Inner included", "Woven stripes, both sides", "Hidden zip"),
        pictures=(
            Picture("home-cushion-stripe-1", "Cream cushion with upright indigo stripes and indigo piping", "indigo"),
        ),
        weight_g=600,
        tones=("indigo",),
        gsm=280,
        guide="cushion",
        measures=piece(width=450, height=450),
        stock={"indigo/": 0},
    ),
    Piece(
        slug="fringed-table-runner",
        name="Fringed table runner",
        shelf="home-textiles",
        price_minor=5600,
        summary="Sage linen with two cream lines and a knotted fringe, for a table that is used.",
        story=(
            "Woven to width, so both long sides are selvedge and will never fray. Joana knots the fringe while the "
            "next one is on the loom."
        ),
        material="100 % linen",
        care=_LINEN_CARE,
        origin=_ORIGIN,
        maker="Joana Pires",
        maker_note="Spill something on it early. Then you can relax.",
        points=("Selvedge on both sides", "Fringe knotted by hand", "For tables of 4 to 6"),
        pictures=(
            Picture(
                "home-runner-sage-1",
                "Sage table runner with a fringed end hanging over an oak table, white bowl on it",
                "sage",
            ),
            Picture(
                "home-runner-sage-2", "Close view of the runner's fringed end and two cream lines", "sage", "detail"
            ),
        ),
        weight_g=210,
        tones=("sage",),
        gsm=240,
        measures=piece(width=360, length=1500),
    ),
    Piece(
        slug="banded-tea-towel",
        fibres=(("", "linen", 55), ("", "cotton", 45)),
        goes_with=("fringed-table-runner", "dinner-plates"),
        name="Banded tea towel",
        shelf="home-textiles",
        price_minor=1900,
        summary="Half-linen that dries glass without lint, with indigo bands and a loop to hang it by.",
        story=(
            "Linen in one direction, cotton in the other: one drinks, the other polishes. It needs three washes to "
            "come into its own."
        ),
        material="55 % linen, 45 % cotton",
        care=("Wash at 60 °C", "No softener: it seals the fibres", "Iron if you must"),
        origin=_ORIGIN,
        maker="Joana Pires",
        maker_note="The best towel is the one your grandmother would not let you use.",
        points=("Dries without lint", "Hanging loop", "Better after three washes"),
        pictures=(
            Picture(
                "home-teatowel-indigo-1", "Cream linen tea towel with indigo bands hanging from a brass rail", "indigo"
            ),
            Picture("home-teatowel-indigo-2", "Close view of the indigo bands and stitched hem", "indigo", "detail"),
        ),
        weight_g=130,
        tones=("indigo",),
        gsm=230,
        measures=piece(width=600, length=900),
    ),
    Piece(
        slug="striped-wool-throw",
        goes_with=("piped-linen-cushion", "striped-cushion"),
        name="Striped wool throw",
        shelf="home-textiles",
        price_minor=13900,
        summary="A light wool throw with quiet stripes and a twisted fringe, large enough for two on a sofa.",
        story=(
            "Washed in the soft water of the Ave, where wool has been washed for four hundred years, then brushed on"
            " one side only: soft to you, smooth to the room."
        ),
        material="100 % Portuguese wool",
        care=("Air it outside on a damp day", "Wash by hand, lukewarm, once a year", "Dry flat"),
        origin="Spun in Covilhã, woven in Guimarães, Portugal",
        maker="Joana Pires",
        maker_note="It should be heavy enough to say stay.",
        points=("For two on a sofa", "Brushed on one side", "Mended free for as long as we are here"),
        pictures=(
            Picture(
                "home-throw-terracotta-1", "Folded cream throw with a terracotta stripe and cream fringe", "terracotta"
            ),
            Picture(
                "home-throw-terracotta-2",
                "Close view of the throw's twisted fringe and terracotta stripe",
                "terracotta",
                "detail",
            ),
            Picture(
                "home-throw-forest-1", "Folded green throw with three thin cream stripes and green fringe", "forest"
            ),
        ),
        weight_g=980,
        tones=("terracotta", "forest"),
        gsm=390,
        guide="throw",
        measures=piece(length=1800, width=1300),
    ),
)
