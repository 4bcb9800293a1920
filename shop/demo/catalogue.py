"""Everything on the shelves of the demo shop, in the order it is shown."""

from __future__ import annotations

from shop.demo.apparel import APPAREL
from shop.demo.shapes import Piece
from shop.demo.table import TABLE
from shop.demo.textiles import TEXTILES
from shop.demo.wood import WOOD

PIECES: tuple[Piece, ...] = (*APPAREL, *TABLE, *TEXTILES, *WOOD)
