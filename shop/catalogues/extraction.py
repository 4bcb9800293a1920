"""Finds every text a customer may read, in code and templates.

Staff's own screens and the words of models are left out: they speak English (.github/decisions/0011).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation.template import templatize

CODE = ("shop", "orders", "returns", "support", "notifications")
TEMPLATES = "templates"

# Read by staff alone.  A text that stands somewhere else, too, is found there.
STAFF_ONLY = re.compile(
    r"/(admin|management|migrations|models|catalogues)/|/(models|receivers)\.py$"
    r"|/queries/(attention|touched|event_words)\.py$|^support/operations/(?!personal|regretting)|^returns/apps"
    r"|^orders/forms/(incident|promotions)\.py$"
    r"|^notifications/operations/(bundling|composing|previewing|weeding)"
)

# Models whose choices customers read, too: their classes by file.
SHOWN_CHOICES = {
    "orders/models/arrival.py": ("What",),
    "orders/models/document.py": ("Kind",),
    "orders/models/payment.py": ("Provider",),
    "returns/models.py": ("Status", "Resolution"),
    "shop/models/catalogue.py": ("Cut", "Stretch", "Sheerness", "Lining"),
    "shop/models/voices.py": ("Verdict", "Area", "Reason"),
}

_ARGUMENTS = {  # which argument is what, by the name it was imported by, without "_lazy" and "_noop"
    "_": ("text",),
    "gettext": ("text",),
    "ngettext": ("text", "plural"),
    "pgettext": ("context", "text"),
    "npgettext": ("context", "text", "plural"),
}
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"(?<!\S)(_|n?p?gettext)\(({_STRING}(?:, ?{_STRING})*)(?:, ?count)?\)", re.DOTALL)


@dataclass
class Text:
    """One text to translate; `plural` is empty where nothing is counted, `files` are where it stands."""

    text: str
    context: str = ""
    plural: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, str]:
        """Return by what a catalogue knows it."""
        return (self.context, self.text)


def texts_in(root: Path) -> dict[tuple[str, str], Text]:
    """Return every text below `root` by its key."""
    found: dict[tuple[str, str], Text] = {}
    for file in _files(root):
        name = file.relative_to(root).as_posix()
        source = file.read_text(encoding="utf-8")
        code = file.suffix == ".py"
        for each in _in_code(source, only=SHOWN_CHOICES.get(name, ())) if code else _in_template(source):
            kept = found.setdefault(each.key, each)
            kept.plural = kept.plural or each.plural
            kept.files.add(name)
    return found


def _files(root: Path) -> Iterator[Path]:
    for folder in (*CODE, TEMPLATES):
        for file in sorted((root / folder).rglob("*")):
            name = file.relative_to(root).as_posix()
            if file.suffix in (".py", ".html", ".txt") and (name in SHOWN_CHOICES or not STAFF_ONLY.search(name)):
                yield file


def _in_code(source: str, only: Sequence[str]) -> Iterator[Text]:
    """Yield what code translates; of a file of models the choices named in `only`."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    meant = {name.asname: name.name for node in imports for name in node.names if name.asname}
    classes = [node for node in nodes if isinstance(node, ast.ClassDef) and node.name in only]
    for node in nodes if not only else (each for found in classes for each in ast.walk(found)):
        if not isinstance(node, ast.Call):
            continue
        named = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        given = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        yield from _text(re.sub(r"_(lazy|noop)$", "", meant.get(named, named)), given)


def _in_template(source: str) -> Iterator[Text]:
    """Yield what Django's own tags translate, as Django itself hands it to gettext's tools."""
    for call in _CALL.finditer(templatize(source)):
        yield from _text(call[1], list(ast.literal_eval(f"({call[2]},)")))


def _text(function: str, given: list[str]) -> Iterator[Text]:
    names = _ARGUMENTS.get(function, ())
    if names and len(given) >= len(names) and given[names.index("text")]:
        said = dict(zip(names, given, strict=False))
        yield Text(said["text"], said.get("context", ""), said.get("plural", ""))
