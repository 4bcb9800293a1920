"""Paper: words and numbers in, a tagged PDF out (PDF/UA-1, for screen readers, too).

What is printed goes in as data, never as markup, so nobody's name can become a command of the typesetter.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

_FOLDER = Path(settings.BASE_DIR) / "templates" / "papers"


def make_pdf(template: str, words: dict[str, Any], *, at: datetime) -> bytes:
    """Return the PDF of one of templates/papers/ with these words; the same words and moment make the same bytes."""
    import typst  # loaded when the first paper is made: it brings its own fonts

    pdf = typst.compile(
        (_FOLDER / f"{template}.typ").read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(words)},
        pdf_standards=["ua-1"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(pdf, bytes)  # noqa: S101 -- without a file to write to it returns the bytes
    return pdf
