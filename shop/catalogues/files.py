"""Catalogue files: read, brought up to date, written in one fixed form, compiled.

The form is made for merging: texts stand in the order of the alphabet, one line each, with the files they come from but
no line numbers and no dates, so that two branches seldom touch the same lines.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from shop.catalogues.extraction import Text

DOMAIN = "django"


def catalogue_of(file: Path) -> Catalog:
    """Read a catalogue; an empty one when there is no such file yet."""
    locale = file.parts[-3]
    if not file.exists():
        return Catalog(locale=locale, domain=DOMAIN)
    with file.open("rb") as opened:
        return read_po(opened, locale=locale, domain=DOMAIN, abort_invalid=True)


def merged(old: Catalog, texts: Mapping[tuple[str, str], Text]) -> Catalog:
    """Return a catalogue of exactly `texts`, with what `old` says about them; nothing is guessed from similar texts."""
    fresh = Catalog(locale=old.locale, domain=DOMAIN)
    for text in texts.values():
        kept = old.get(text.text, text.context or None)
        says = (kept.string if kept else "") or ""
        if text.plural and not isinstance(says, tuple | list):
            says = (says, *[""] * (fresh.num_plurals - 1))
        if not text.plural and isinstance(says, tuple | list):
            says = says[0]
        fresh.add(
            id=(text.text, text.plural) if text.plural else text.text,
            string=says,
            locations=[(file, 0) for file in sorted(text.files)],  # lines are not written
            flags={"fuzzy"} if kept and kept.fuzzy else (),
            user_comments=kept.user_comments if kept else (),
            context=text.context or None,
        )
    return fresh


def write(catalogue: Catalog, file: Path) -> None:
    """Write a catalogue in the fixed form, and compile it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(written(catalogue))
    compile_one(file)


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue in the fixed form."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    return _head(catalogue).encode() + out.getvalue().rstrip() + b"\n"


def _head(catalogue: Catalog) -> str:
    name = Locale.parse(str(catalogue.locale)).english_name
    lines = (
        f"Language: {catalogue.locale}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalogue.plural_forms}",
    )
    fields = "".join(f'"{line}\\n"\n' for line in lines)
    return f'# {name} texts of Kingpost. `manage.py translate_texts` keeps this file.\nmsgid ""\nmsgstr ""\n{fields}\n'


def compile_one(file: Path) -> None:
    """Write the form gettext reads, in one step, since others may be reading or doing the same."""
    catalogue = catalogue_of(file)
    for message in list(catalogue):
        if message.id and isinstance(message.string, tuple | list) and not all(message.string):
            catalogue.delete(message.id, message.context)  # half a plural would be shown as nothing
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=".compiling-")
    with os.fdopen(handle, "wb") as out:
        write_mo(out, catalogue)
    os.chmod(scratch, 0o644)
    os.replace(scratch, file.with_suffix(".mo"))
