"""Typesetting: a Typst source and its values become a PDF.

Typst works in this process, reads nothing but the source's own folder and talks to nobody.  Values travel as JSON in
the input `data`, so that no word of a customer's is ever read as markup.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

SOURCES = Path(settings.BASE_DIR) / "templates" / "documents"


def typeset(source: str, values: dict[str, Any]) -> bytes:
    """Return the PDF of `templates/documents/<source>.typ`; `values` is whatever JSON can hold."""
    pdf = typst.compile(
        SOURCES / f"{source}.typ",
        root=SOURCES,
        ignore_system_fonts=True,  # the same letters on every machine: those that come with Typst
        sys_inputs={"data": json.dumps(values)},
    )
    assert isinstance(pdf, bytes)  # noqa: S101 -- one output was asked for, told to the type checker
    return pdf
