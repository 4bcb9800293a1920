"""Reading pages the way a person does."""

from __future__ import annotations

import re
from html import unescape


def words(page: object) -> str:
    """What a page says: the text of a response (or of markup), without tags and idle white space."""
    markup = page if isinstance(page, str) else page.content.decode()  # type: ignore[attr-defined]
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", markup)))
    return re.sub(r" ([.,;:?])", r"\1", text).strip()
