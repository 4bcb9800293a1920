"""Which size for her, in words: the size first, then why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from shop.queries.own_size import OwnSize
from shop.queries.product import ProductView
from shop.rules import wording
from shop.rules.lengths import in_unit
from shop.rules.own_size import Compared, Suggestion, suggest

_CLOTH_GIVES_MM = 5  # what two measurings of one garment differ by


@dataclass(frozen=True)
class OwnSizeWords:
    """What the page says to somebody whose measures or usual size we know; `size` is empty when none is advised."""

    size: str
    sentence: str
    reason: str = ""


def own_size_words(view: ProductView, known: OwnSize, unit: str) -> OwnSizeWords | None:
    """Return the words for one product, None when nothing she said bears on it.  Measures count before habit."""
    if not view.has_sizes:
        return None
    if found := suggest(known.measures, view.body.sizes):
        return suggestion_words(found, {column.code: column.label for column in view.body.columns}, unit)
    guide = view.product.size_guide
    usual = known.usual.get(guide.code, "") if guide else ""
    if usual in view.places:
        return OwnSizeWords(usual, _("Your usual size here: %(size)s.") % {"size": usual})
    return None


def suggestion_words(found: Suggestion, labels: Mapping[str, str], unit: str) -> OwnSizeWords:
    """Return the words of a suggestion; `labels` names each measure by its code."""
    if found.beyond:
        return OwnSizeWords(
            "",
            _("We have no size for this measure: %(what)s.") % {"what": _list(found.beyond, labels)},
            _("It is beyond our largest size. Write to us before you order: sometimes we can make it."),
        )
    if found.below:
        return OwnSizeWords(
            found.size,
            _("%(size)s is our smallest size, and will be wide on you.") % {"size": found.size},
            _reason(found, labels, unit),
        )
    if found.agrees:
        sentence = _("Your size by your measures: %(size)s.") % {"size": found.size}
        return OwnSizeWords(found.size, sentence, _reason(found, labels, unit))
    each = " ".join(
        pgettext("a measure and the size it asks for", "%(measure)s: %(size)s.")
        % {"measure": _(labels[one.code]), "size": one.size}
        for one in found.asked
    )
    return OwnSizeWords(
        found.size,
        _("Your size by your measures: %(size)s, which has room for all of them.") % {"size": found.size},
        each,
    )


def _reason(found: Suggestion, labels: Mapping[str, str], unit: str) -> str:
    return " ".join(f"{_(labels[one.code])}: {_said(one.mm, unit)}." for one in found.asked)


def _list(codes: tuple[str, ...], labels: Mapping[str, str]) -> str:
    return ", ".join(_(labels[code]) for code in codes)


def difference_words(compared: Compared, code: str, unit: str) -> str:
    """Return how ours differs from the garment she owns in one measure: "2 cm more"; empty where it is unknown."""
    if code not in compared.larger_mm:
        return ""
    larger = compared.larger_mm[code]
    if abs(larger) < _CLOTH_GIVES_MM:
        return _("the same")
    length = {"length": _said(abs(larger), unit)}
    return _("%(length)s more") % length if larger > 0 else _("%(length)s less") % length


def _said(length_mm: int, unit: str) -> str:
    return f"{wording.decimal(in_unit(length_mm, unit), get_language() or settings.LANGUAGE_CODE)} {unit}"
