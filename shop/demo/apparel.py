"""Shirts, tees, knitwear and accessories of the demo shop."""

from __future__ import annotations

from shop.demo.measures import APPAREL_SIZES, SOCK_SIZES, piece, tops
from shop.demo.shapes import Picture, Piece

_COTTON_CARE = ("Wash at 30 °C, inside out", "Hang to dry", "Iron on medium while damp", "Do not bleach")
_WOOL_CARE = ("Wash by hand, lukewarm, with wool soap", "Press in a towel, dry flat", "Air it rather than wash it")

_TEE_PICTURES = (
    Picture("apparel-tee-sage-1", "Sage-green T-shirt laid flat, ribbed crew neck", "sage"),
    Picture("apparel-tee-sage-2", "Close view of the T-shirt's ribbed collar and woven label", "sage", "detail"),
    Picture("apparel-tee-oat-1", "Oat-coloured T-shirt laid flat, ribbed crew neck", "oat"),
    Picture("apparel-tee-ink-1", "Dark ink-blue T-shirt laid flat, ribbed crew neck", "ink"),
)

APPAREL = (
    Piece(
        slug="everyday-tee",
        stretch="slight",
        sheerness="opaque",
        lining="none",
        shrinks=2,
        goes_with=("washed-linen-shirt", "leaf-tote", "odd-pair-socks"),
        name="Everyday tee",
        shelf="shirts-and-tees",
        price_minor=3800,
        summary="A heavy cotton T-shirt with a collar that keeps its shape, cut straight and a little longer.",
        story=(
            "We wanted one T-shirt that does not twist after the tenth wash. The cotton is knitted on old circular "
            "machines, slowly, without a side seam to pull it round. Then it is washed once before it is cut, so the"
            " size you choose is the size you keep."
        ),
        material="100 % organic cotton, single jersey",
        care=_COTTON_CARE,
        origin="Knitted and sewn in Barcelos, Portugal",
        maker="Ines Carvalho",
        maker_note="I sew the collar twice: once to hold it, once so that it stays flat.",
        points=(
            "Washed before cutting: shrinks less than 2 %",
            "Collar sewn twice",
            "No side seams, so it never twists",
        ),
        pictures=_TEE_PICTURES,
        weight_g=210,
        tones=("sage", "oat", "ink"),
        sizes=APPAREL_SIZES,
        fit="Straight and a little longer. True to size; take one size up for a loose fit.",
        cut="regular",
        gsm=220,
        guide="tee",
        measures=tops(460, 650, 190),
        stock={"sage/xl": 0, "sage/m": 2, "ink/xs": 0, "oat/xxl": 1},
    ),
    Piece(
        slug="everyday-tee-set-of-three",
        stretch="slight",
        sheerness="opaque",
        lining="none",
        shrinks=2,
        goes_with=("washed-linen-shirt", "odd-pair-socks"),
        name="Everyday tee, set of three",
        shelf="shirts-and-tees",
        price_minor=9900,
        summary="One sage, one oat, one ink: the everyday tee for most of the week, folded in one box.",
        story=(
            "The same tee in our three colours, in one size, packed together. It saves us two boxes and you fifteen "
            "euros."
        ),
        material="100 % organic cotton, single jersey",
        care=_COTTON_CARE,
        origin="Knitted and sewn in Barcelos, Portugal",
        maker="Ines Carvalho",
        maker_note="Three is what I own myself: one to wear, one in the wash, one on the line.",
        points=(
            "Three colours in one box",
            "15 euros less than one by one",
            "Exchange one of them if a colour is not yours",
        ),
        pictures=(
            Picture("apparel-tee-oat-1", "Oat-coloured T-shirt laid flat, one of three in the set"),
            Picture("apparel-tee-sage-1", "Sage-green T-shirt laid flat, one of three in the set"),
            Picture("apparel-tee-ink-1", "Dark ink-blue T-shirt laid flat, one of three in the set"),
        ),
        weight_g=640,
        sizes=APPAREL_SIZES,
        fit="Straight and a little longer. True to size.",
        cut="regular",
        gsm=220,
        guide="tee",
        measures=tops(460, 650, 190),
        stock={"/xxl": 0},
    ),
    Piece(
        slug="long-sleeve-tee",
        stretch="slight",
        sheerness="opaque",
        lining="none",
        shrinks=2,
        goes_with=("banded-wool-scarf", "ribbed-beanie", "odd-pair-socks"),
        name="Long-sleeved tee",
        shelf="shirts-and-tees",
        price_minor=5200,
        summary="Brushed cotton with sleeves that reach the wrist bone and cuffs that stay there.",
        story=(
            "Dyed with indigo in three dips, which is why it fades the way jeans do: slowly, first at the elbows. "
            "Wear it alone until October and under everything after that."
        ),
        material="100 % organic cotton, brushed inside",
        care=("Wash at 30 °C with dark colours", "Hang to dry in the shade", "The first wash gives off a little blue"),
        origin="Sewn in Barcelos, dyed in Porto, Portugal",
        maker="Ines Carvalho",
        maker_note="Three dips in the vat, one night of rest between them. Blue cannot be hurried.",
        points=("Dyed with real indigo", "Sleeves a thumb longer than usual", "Soft on the inside"),
        pictures=(
            Picture("apparel-longsleeve-indigo-1", "Indigo long-sleeved T-shirt laid flat", "indigo"),
            Picture(
                "apparel-longsleeve-indigo-2",
                "Close view of the long-sleeve's ribbed collar and shoulder seam",
                "indigo",
                "detail",
            ),
        ),
        weight_g=280,
        tones=("indigo",),
        sizes=APPAREL_SIZES,
        fit="Close but not tight. True to size.",
        cut="close",
        gsm=240,
        guide="tee",
        measures=tops(450, 650, 620),
        stock={"indigo/s": 0, "indigo/l": 3},
    ),
    Piece(
        slug="washed-linen-shirt",
        stretch="none",
        sheerness="slight",
        lining="none",
        shrinks=2,
        goes_with=("everyday-tee", "leaf-tote"),
        name="Washed linen shirt",
        shelf="shirts-and-tees",
        price_minor=12800,
        summary="A shirt of heavy Portuguese linen, washed soft, with shell buttons and a curved hem.",
        story=(
            "Flax from Normandy, woven in Guimarães, washed with pumice for an afternoon. Ines cuts six shirts from "
            "one bolt and lays the pattern by eye, so that the weave runs straight down the placket. It creases. It "
            "is meant to."
        ),
        material="100 % European linen",
        care=("Wash at 30 °C", "Hang to dry", "Iron damp, or not at all", "Softens with every wash"),
        origin="Woven in Guimarães, sewn in Porto, Portugal",
        maker="Ines Carvalho",
        maker_note="Six shirts from one bolt. I know each of them by the time they leave.",
        points=("Shell buttons, two spare", "Washed soft: shrinks less than 2 %", "French seams, nothing scratches"),
        pictures=(
            Picture("apparel-shirt-natural-1", "Natural linen shirt laid flat, buttoned, curved hem", "natural"),
            Picture(
                "apparel-shirt-natural-2",
                "Close view of the linen shirt's collar and shell buttons",
                "natural",
                "detail",
            ),
        ),
        weight_g=340,
        tones=("natural",),
        sizes=APPAREL_SIZES,
        fit="Roomy in the shoulders and across the back. If you like it close, take one size down.",
        cut="loose",
        gsm=210,
        guide="shirt",
        measures=tops(500, 700, 600),
        stock={"natural/xl": 0, "natural/xs": 1, "natural/m": 2},
    ),
    Piece(
        slug="fisherman-jumper",
        stretch="much",
        sheerness="opaque",
        lining="none",
        goes_with=("long-sleeve-tee", "ribbed-beanie", "banded-wool-scarf"),
        name="Fisherman jumper",
        shelf="knitwear-and-accessories",
        price_minor=14500,
        summary=(
            "Thick ribbed wool, knitted to your order in four colours, warm without a coat until the first frost."
        ),
        story=(
            "The rib was made for boats: it stretches when you reach and closes when the wind comes. Teresa knits "
            "each jumper after you order it, in one piece, so there is no seam at the sides to give way."
        ),
        material="100 % Portuguese merino wool, undyed or plant-dyed",
        care=_WOOL_CARE,
        origin="Spun in Covilhã, knitted in Porto, Portugal",
        maker="Teresa Lobo",
        maker_note="Two days for one jumper. I put the year inside the hem.",
        points=("Knitted when you order it", "No side seams", "Mended free for as long as we are here"),
        pictures=(
            Picture("apparel-knit-stack-1", "Four folded knitted jumpers in a stack: blue, rust, oat and green"),
            Picture("apparel-knit-stack-2", "Close view of the knitted stitches at the folds", "", "detail"),
        ),
        weight_g=720,
        tones=("indigo", "rust", "oat", "forest"),
        sizes=APPAREL_SIZES,
        fit="Straight and roomy. Between two sizes, the smaller one will settle.",
        cut="loose",
        gsm=480,
        guide="jumper",
        measures=tops(480, 640, 600),
        making_days=6,
    ),
    Piece(
        slug="ribbed-beanie",
        stretch="much",
        goes_with=("banded-wool-scarf", "fisherman-jumper"),
        name="Ribbed beanie",
        shelf="knitwear-and-accessories",
        price_minor=3400,
        summary="A soft double-knit beanie with a brim to turn up and a leather tab to hang it by.",
        story=(
            "Knitted in two layers from the wool that is left when Teresa finishes a row of jumpers, so no batch is "
            "quite like the last."
        ),
        material="100 % Portuguese merino wool; vegetable-tanned leather tab",
        care=_WOOL_CARE,
        origin="Knitted in Porto, Portugal",
        maker="Teresa Lobo",
        maker_note="If it fits my son and my father, it fits.",
        points=("Two layers, no itching seam", "Fits 52 to 62 cm round", "Leather tab to hang it by"),
        pictures=(
            Picture("apparel-beanie-rust-1", "Rust-red knitted beanie with a turned-up brim", "rust"),
            Picture("apparel-beanie-rust-2", "Close view of the beanie's stitches and leather tab", "rust", "detail"),
            Picture("apparel-beanie-oat-1", "Oat-coloured knitted beanie with a turned-up brim", "oat"),
        ),
        weight_g=95,
        tones=("rust", "oat"),
        fit="One size; the rib gives.",
        guide="beanie",
        measures=piece(width=210, height=220, brim=70),
    ),
    Piece(
        slug="banded-wool-scarf",
        goes_with=("ribbed-beanie", "fisherman-jumper"),
        name="Banded wool scarf",
        shelf="knitwear-and-accessories",
        price_minor=6800,
        summary="Ochre wool with cream bands, long enough to go round twice and be tucked in.",
        story=(
            "Woven four at a time on the narrow loom, then fulled in warm water until the cloth closes and the "
            "fringe twists by itself."
        ),
        material="100 % Portuguese wool",
        care=_WOOL_CARE,
        origin="Woven in Guimarães, Portugal",
        maker="Joana Pires",
        maker_note="The fringe is not sewn. It twists when you wash it right.",
        points=("Goes round twice", "Soft enough for bare skin", "Bands woven, not printed"),
        pictures=(
            Picture(
                "apparel-scarf-ochre-1", "Ochre scarf with cream bands and fringe hanging from a brass peg", "ochre"
            ),
            Picture("apparel-scarf-ochre-2", "Close view of the scarf's fringe and cream bands", "ochre", "detail"),
        ),
        weight_g=240,
        tones=("ochre",),
        guide="scarf",
        measures=piece(width=420, length=1800),
    ),
    Piece(
        slug="odd-pair-socks",
        stretch="much",
        fibres=(("", "wool", 75), ("", "polyamide", 23), ("", "elastane", 2)),
        goes_with=("everyday-tee", "long-sleeve-tee"),
        name="Odd pair socks",
        shelf="knitwear-and-accessories",
        price_minor=1800,
        summary="One green, one oat, both with ochre heels: thick wool socks that were never meant to match.",
        story=(
            "Teresa knits the two from the ends of other colours and always makes a left and a right. Lose one, "
            "write to us, and we send the other half."
        ),
        material="75 % merino wool, 23 % polyamide, 2 % elastane",
        care=("Wash at 30 °C, wool programme", "Do not tumble dry"),
        origin="Knitted in Porto, Portugal",
        maker="Teresa Lobo",
        maker_note="A matching pair is a lost chance.",
        points=("Padded heel and toe", "Cuffs that do not mark", "Lose one, get one"),
        pictures=(
            Picture("apparel-socks-pair-1", "A green and an oat knitted sock with ochre heels, side by side"),
            Picture("apparel-socks-pair-2", "Close view of the ribbed cuffs and ochre stripe", "", "detail"),
        ),
        weight_g=110,
        sizes=SOCK_SIZES,
        fit="Go by the length of your foot.",
        guide="socks",
        stock={"/45-47": 0},
    ),
    Piece(
        slug="workshop-apron",
        name="Workshop apron",
        shelf="knitwear-and-accessories",
        price_minor=5900,
        summary="Rust canvas with a divided pocket, crossed ties and a neck loop that adjusts with one hand.",
        story=(
            "The apron we wear ourselves, in the kitchen and at the wheel. Canvas from sailmakers in Viana, stitched"
            " with the thread they use for sails."
        ),
        material="100 % cotton canvas, brass rivets",
        care=("Wash at 40 °C", "Hang to dry", "Fades where you use it"),
        origin="Sewn in Porto, Portugal",
        maker="Ines Carvalho",
        maker_note="The pocket is as deep as my hand, and a pencil more.",
        points=("Divided pocket", "Adjusts with one hand", "Riveted where it pulls"),
        pictures=(
            Picture("apparel-apron-rust-1", "Rust-red apron laid flat with neck loop, ties and a front pocket", "rust"),
            Picture("apparel-apron-rust-2", "Close view of the apron's divided front pocket", "rust", "detail"),
        ),
        weight_g=380,
        tones=("rust",),
        gsm=340,
        measures=piece(width=670, length=800),
    ),
    Piece(
        slug="leaf-tote",
        name="Leaf tote",
        shelf="knitwear-and-accessories",
        price_minor=2600,
        summary="A natural canvas bag with one printed leaf, handles long enough for a shoulder in a coat.",
        story=(
            "Printed by hand, one screen and one colour, at the table by the window. It carries a week of market and"
            " folds to the size of a book."
        ),
        material="100 % cotton canvas, water-based ink",
        care=("Wash at 30 °C, inside out", "Iron the print from the back"),
        origin="Sewn and printed in Porto, Portugal",
        maker="Ines Carvalho",
        maker_note="If the leaf sits a little crooked, it was printed before coffee.",
        points=("Carries 12 kg", "Handles fit over a coat", "Printed by hand"),
        pictures=(
            Picture(
                "home-tote-natural-1",
                "Natural canvas tote bag with a green leaf print hanging from a wooden peg",
                "natural",
            ),
            Picture(
                "home-tote-natural-2", "Close view of the tote's handles and stitched top hem", "natural", "detail"
            ),
        ),
        weight_g=180,
        tones=("natural",),
        gsm=300,
        guide="tote",
        measures=piece(width=370, height=400, handles=260),
    ),
)
