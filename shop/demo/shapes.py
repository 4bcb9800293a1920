"""The shapes of the demo data: colours, pictures, measures and pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Measures by size: size code -> measurement code -> millimetres.  Pieces without sizes use the key "".
Measures = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Tone:
    """A colour, a glaze or a wood; `swatch` is a hex colour."""

    label: str
    swatch: str


@dataclass(frozen=True)
class Picture:
    """A picture below static/demo/products/, without size and ending; `tone` ties it to one colour."""

    file: str
    alt: str
    tone: str = ""
    role: str = "front"


@dataclass(frozen=True)
class Shelf:
    """A category."""

    slug: str
    name: str
    intro: str
    picture: str
    alt: str


@dataclass(frozen=True)
class Guide:
    """A size guide: body ranges in millimetres by size and measurement code, and the drawing of the piece."""

    code: str
    name: str
    diagram: str
    diagram_alt: str
    note: str
    rows: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # size -> system -> what it is called there


@dataclass(frozen=True)
class Piece:
    """A product.  Price in minor units of euro, weight in grams, stock in pieces.

    `stock` names the exceptions by "tone/size" (0 is sold out); everything else gets a number made from its article
    number, the same on every machine.  `making_days` > 0 means made to order.
    """

    slug: str
    name: str
    shelf: str
    price_minor: int
    summary: str
    story: str
    material: str
    care: tuple[str, ...]
    origin: str
    maker: str
    maker_note: str
    points: tuple[str, ...]
    pictures: tuple[Picture, ...]
    weight_g: int
    option: str = "colour"
    tones: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    fit: str = ""
    cut: str = ""
    stretch: str = ""
    sheerness: str = ""
    lining: str = ""
    shrinks: int | None = None
    fibres: tuple[tuple[str, str, int], ...] = ()  # (part, code of the material, percent)
    goes_with: tuple[str, ...] = ()  # slugs
    gsm: int | None = None
    guide: str = ""
    measures: Measures = field(default_factory=dict)
    stock: Mapping[str, int] = field(default_factory=dict)
    making_days: int = 0
