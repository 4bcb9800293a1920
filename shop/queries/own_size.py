"""What somebody keeps about her own size, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from shop.models import MeasurementDefinition, SizeGuide, SizeGuideRow, SizeProfile


@dataclass(frozen=True)
class OwnSize:
    """Whole millimetres by the code of a body measure, and the usual size by the code of a guide."""

    measures: Mapping[str, int] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.measures or self.usual)


NOTHING_SAID = OwnSize()


@dataclass(frozen=True)
class GuideSizes:
    """A size guide and its sizes, smallest first."""

    code: str
    name: str
    sizes: tuple[str, ...]


def own_size(user_id: int) -> OwnSize:
    """Return what a person keeps about her size.  One query."""
    row = SizeProfile.objects.filter(user=user_id).order_by("id").first()
    return OwnSize(row.measures, row.usual) if row else NOTHING_SAID


def body_measures() -> list[MeasurementDefinition]:
    """Return the measures of a body that some size guide asks for, in shop order.  One query."""
    asked = SizeGuideRow.objects.values("definition")
    return list(MeasurementDefinition.objects.filter(pk__in=asked, kind="body").order_by("position", "id"))


def guides_with_sizes() -> list[GuideSizes]:
    """Return the newest version of every size guide that has sizes, by name.  One query."""
    newest = SizeGuide.objects.annotate(
        age=Window(RowNumber(), partition_by=F("code"), order_by=F("version").desc())
    ).filter(age=1)
    rows = SizeGuideRow.objects.filter(guide__in=newest.values("pk")).order_by(
        "guide__name", "guide_id", "size__position", "id"
    )
    found: dict[tuple[str, str], dict[str, None]] = {}
    for code, name, size in rows.values_list("guide__code", "guide__name", "size__label"):
        found.setdefault((code, name), {})[size] = None
    return [GuideSizes(code, name, tuple(sizes)) for (code, name), sizes in found.items()]
