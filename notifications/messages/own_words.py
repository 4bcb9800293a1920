"""Words of staff's own for a kind: which variables there are, the file's words in the same form, and the filling."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from django.template import Context
from django.template.engine import Engine
from django.template.loader_tags import BlockNode, ExtendsNode
from django.utils import translation

from notifications.messages.kind import Kind
from notifications.messages.words import Line
from notifications.rules import flat


@dataclass(frozen=True)
class Words:
    """Subject and text of a kind in flat form."""

    subject: str
    text: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: its lines, or the address of a button."""

    lines: tuple[str, ...] = ()
    url: str = ""


def variables(kind: Kind) -> tuple[str, ...]:
    """Return the names words of our own may use: every field of the context that is a text or a list of texts."""
    return tuple(name for name, shown in _fields(kind).items() if shown is not bool)


def file_words(kind: Kind, locale: str, *, around: Mapping[str, Any]) -> Words:
    """Return what the files say in one language, with `{{ name }}` where a value would stand.

    Where the file chooses between sentences, the longer choice is shown.  `around` is what every letter's frame knows,
    such as the shop's name; it is written out.
    """
    values = {**around, **{name: _placeholder(name, shown) for name, shown in _fields(kind).items()}}
    with translation.override(locale):
        subject = _template(f"{kind.folder}/subject.txt").render(Context(values, autoescape=False))
        text = content_of(f"{kind.folder}/body.txt", values)
    text = re.sub(r"^.*(\{\{ [a-z_]+ \}\}) ?\[\].*$", r"\1", text, flags=re.MULTILINE)
    return Words(" ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def fill(text: str, context: Any) -> str:
    """Return words of our own filled with the values of one message."""
    names = [field.name for field in dataclasses.fields(context)]
    return flat.filled(text, {name: _as_text(getattr(context, name)) for name in names})


def paragraphs_of(text: str, context: Any) -> list[Paragraph]:
    """Return words of our own as paragraphs for HTML; one that is an address alone becomes a button."""
    filled = (fill(part, context).strip() for part in flat.paragraphs(text))
    own = str(getattr(context, "url", ""))
    return [Paragraph(url=part) if part == own else Paragraph(tuple(part.split("\n"))) for part in filled if part]


def _fields(kind: Kind) -> dict[str, Any]:
    hints = get_type_hints(get_type_hints(kind.context)["return"])
    return dict(hints)


def _placeholder(name: str, shown: Any) -> Any:
    """Return what stands for a value: a variable, true for a choice, one row of variables for a list."""
    if shown is bool:
        return True
    mark = f"{{{{ {name} }}}}"
    if shown is str or shown is int:
        return mark
    return (Line(0, f"{mark} []", ""),) if "Line" in str(shown) else (f"{mark} []",)


def _as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return "\n".join(_as_text(each) for each in value)
    if isinstance(value, Line):
        options = f", {value.options}" if value.options else ""
        return f"{value.quantity} × {value.title}{options}  {value.price}".rstrip()
    return str(value)


def _template(name: str) -> Any:
    return Engine.get_default().get_template(name)


def content_of(name: str, values: dict[str, Any]) -> str:
    """Render what a file says between greeting and farewell."""
    template = _template(name)
    frame = next((node for node in template.nodelist if isinstance(node, ExtendsNode)), None)
    block: BlockNode | None = frame.blocks.get("content") if frame else None
    context = Context(values, autoescape=False)
    with context.bind_template(template):
        return str((block or template).nodelist.render(context))
