"""Wood and brass of the demo shop."""

from __future__ import annotations

from shop.demo.measures import piece
from shop.demo.shapes import Picture, Piece

_OIL_CARE = ("Wipe with a damp cloth, dry upright", "Oil it when it looks thirsty, about twice a year", "No dishwasher")
_ORIGIN = "Made in Porto, Portugal"

WOOD = (
    Piece(
        slug="serving-board",
        goes_with=("three-cooking-spoons", "serving-bowl"),
        name="Serving board",
        shelf="wood-and-brass",
        price_minor=4800,
        summary="One plank, one handle, one leather cord: for bread, cheese and being handed round.",
        story=(
            "Tomás cuts each board from a single plank and follows the grain into the handle, so it will not break "
            "there. Oiled three times, then left alone for a week."
        ),
        material="Solid oak or walnut from Galicia, linseed oil, leather cord",
        care=_OIL_CARE,
        origin=_ORIGIN,
        maker="Tomás Reis",
        maker_note="The tree has done the drawing. I only cut along it.",
        points=("Cut from one plank", "Both sides are usable", "Sand it and oil it: new again"),
        pictures=(
            Picture("wood-board-oak-1", "Oak serving board with a handle and leather cord, lying at a slant", "oak"),
            Picture("wood-board-oak-2", "Close view of the board's handle, hole and leather cord", "oak", "detail"),
            Picture("wood-board-walnut-1", "Walnut serving board with a handle and leather cord", "walnut"),
        ),
        weight_g=780,
        option="wood",
        tones=("oak", "walnut"),
        measures=piece(length=415, width=170),
        stock={"walnut/": 1},
    ),
    Piece(
        slug="three-cooking-spoons",
        name="Three cooking spoons",
        shelf="wood-and-brass",
        price_minor=3600,
        summary="Oak, walnut and ash, each carved a little differently for stirring, tasting and scraping.",
        story=(
            "Carved on Fridays from what the week left over. The oak one has a flat edge for pots, the walnut one a "
            "deep bowl, the ash one a long reach."
        ),
        material="Oak, walnut and ash, linseed oil",
        care=_OIL_CARE,
        origin=_ORIGIN,
        maker="Tomás Reis",
        maker_note="Friday spoons. You can taste the weekend.",
        points=("Three woods, three jobs", "Kind to pans", "Carved from offcuts"),
        pictures=(Picture("wood-spoons-set-1", "Three wooden spoons side by side: oak, walnut and ash"),),
        weight_g=150,
        measures=piece(length=290),
    ),
    Piece(
        slug="round-stool",
        name="Round stool",
        shelf="wood-and-brass",
        price_minor=18900,
        summary="A three-day stool: oak, four splayed legs, joints wedged and not a single screw.",
        story=(
            "The legs go right through the seat and are wedged from above, so the stool grows tighter the more it is"
            " sat on. Made when you order it."
        ),
        material="Solid oak from Galicia, hard oil",
        care=("Wipe with a damp cloth", "Oil the seat once a year"),
        origin=_ORIGIN,
        maker="Tomás Reis",
        maker_note="It has to survive my nephews before I sell it.",
        points=("No screws, no glue in the seat", "Carries 150 kg", "Signed and dated underneath"),
        pictures=(
            Picture("wood-stool-oak-1", "Round oak stool with four splayed legs and stretchers", "oak"),
            Picture("wood-stool-oak-2", "Close view of the stool's rounded seat and grain", "oak", "detail"),
        ),
        weight_g=4200,
        option="wood",
        tones=("oak",),
        measures=piece(height=450, diameter=330),
        making_days=10,
    ),
    Piece(
        slug="hook-rail",
        name="Hook rail",
        shelf="wood-and-brass",
        price_minor=6400,
        summary="Oak with four turned brass pegs, for coats, keys and the bag you are about to forget.",
        story="Marta turns the pegs from solid rod and leaves them raw; they darken except where your hand goes.",
        material="Solid oak, solid brass, two screws and plugs included",
        care=("Dust it", "Leave the brass alone, or rub it with lemon"),
        origin=_ORIGIN,
        maker="Tomás Reis and Marta Sá",
        maker_note="In a year it shows which hook is yours. (Marta)",
        points=("Each peg holds 8 kg", "Screws and plugs in the box", "Hangs level: two keyholes, one template"),
        pictures=(
            Picture(
                "wood-hookrail-oak-1", "Oak hook rail with four brass pegs, a leather key loop on one of them", "oak"
            ),
        ),
        weight_g=900,
        option="wood",
        tones=("oak",),
        measures=piece(length=460, height=70),
    ),
    Piece(
        slug="oak-picture-frame",
        name="Oak picture frame",
        shelf="wood-and-brass",
        price_minor=7200,
        summary="A frame with splined corners and real glass, delivered with Luísa's print of the valley.",
        story=(
            "The corners are held by a thin key of walnut that you find only when you look for it. Take the print "
            "out and put your own in: four turn-buttons, no nails."
        ),
        material="Solid oak, glass, acid-free mount, pigment print",
        care=("Dust it", "Keep it out of direct sun"),
        origin=_ORIGIN,
        maker="Tomás Reis",
        maker_note="A frame is a small house. The corner is the whole trick.",
        points=("Print by Luísa Melo included", "Opens with turn-buttons", "Hangs upright or across"),
        pictures=(
            Picture(
                "wood-frame-oak-1", "Oak frame on a wall; the print shows a red sun over ochre and green hills", "oak"
            ),
            Picture("wood-frame-oak-2", "Close view of the oak frame's lower left corner and mount", "oak", "detail"),
        ),
        weight_g=1600,
        option="wood",
        tones=("oak",),
        measures=piece(width=300, height=400),
    ),
    Piece(
        slug="brass-candle-holders",
        name="Brass candle holders, pair",
        shelf="wood-and-brass",
        price_minor=8600,
        summary="A tall one and a short one, turned from solid brass, with two beeswax candles.",
        story=(
            "Turned, filed and left unlacquered. They arrive bright and will have gone the colour of honey by the "
            "second winter."
        ),
        material="Solid brass; two beeswax candles",
        care=("Wipe the wax off while warm", "Rub with lemon and salt to brighten", "Never leave a flame alone"),
        origin=_ORIGIN,
        maker="Marta Sá",
        maker_note="Buy them bright. Keep them dull.",
        points=("Two holders, two candles", "Felt under the foot", "For candles of 22 mm"),
        pictures=(
            Picture("brass-candleholder-pair-1", "Two brass candle holders of different height with lit cream candles"),
            Picture("brass-candleholder-pair-2", "Close view of the brass candle cup and round foot", "", "detail"),
        ),
        weight_g=840,
        measures=piece(height=150),
    ),
)
