"""The copy of somebody's data: a zip with JSON for machines, a page for people, her pictures and papers.

Source: GDPR art. 15, 20; reliability reference 2.6.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from babel.dates import format_date, format_datetime
from django.conf import settings
from django.db.models import Field, Model
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from shop import personal
from shop.messages.languages import known_language
from shop.models import DataRequest
from shop.personal import Person, Section
from shop.queries.data_requests import person_of
from shop.rules.money import Money
from shop.rules.wording import money

_MINOR = "_minor"
Told = tuple[str, str]  # what it is, and what it says


def copy_of(request: DataRequest, *, at: datetime) -> bytes:
    """Return the zip for a request, in its language."""
    with translation.override(known_language(request.locale)):
        return archive(person_of(request), at=at)


def archive(person: Person, *, at: datetime) -> bytes:
    """Return the zip of one person: data.json, index.html, and files in folders.  A query for each section."""
    keepers = list(reversed(personal.registered()))
    sections = [(part, list(part.rows)) for keeper in keepers for part in keeper.sections(person)]
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        packed.writestr("data.json", _for_machines(person, sections, at))
        names = []
        for keeper in keepers:
            for name, content in keeper.files(person):
                packed.writestr(name, content)
                names.append(name)
        packed.writestr("index.html", _for_people(sections, names, at))
    return target.getvalue()


def _for_machines(person: Person, sections: list[tuple[Section, list[Model]]], at: datetime) -> str:
    data: dict[str, Any] = {"made_at": at.isoformat(), "addresses": sorted(person.addresses)}
    for part, rows in sections:
        data[part.name] = [{path: _plain(_reach(row, path)) for path in part.fields} for row in rows]
    return json.dumps(data, ensure_ascii=False, indent=2)


def _for_people(sections: list[tuple[Section, list[Model]]], files: list[str], at: datetime) -> str:
    told = [(str(part.label), [_told(part, row) for row in rows]) for part, rows in sections if rows]
    context = {
        "sections": told,
        "files": files,
        "made_on": _moment(at),
        "shop_name": settings.SHOP_NAME,
        "care_email": settings.CARE_EMAIL,
        "language": translation.get_language(),
    }
    return render_to_string("shop/copy.html", context)


def _told(part: Section, row: Model) -> list[Told]:
    values = ((path, _reach(row, path)) for path in part.fields)
    return [(_label(row, path), _words(part, row, path)) for path, value in values if value not in (None, "", [], {})]


def _words(part: Section, row: Model, path: str) -> str:
    value = _reach(row, path)
    if path.endswith(_MINOR):
        return money(Money(value, str(_reach(row, part.currency))), translation.get_language() or "en")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return format_date(value, "long", locale=_locale())
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    chosen = getattr(row, f"get_{path}_display", None)
    return str(chosen() if chosen else value)


def _moment(at: datetime) -> str:
    return format_datetime(timezone.localtime(at), "long", locale=_locale())


def _locale() -> str:
    return (translation.get_language() or "en").replace("-", "_")


def _label(row: Model, path: str) -> str:
    """Return what a field is called; of a field over there also what it belongs to."""
    names, model = [], type(row)
    for part in path.split("__"):
        field = model._meta.get_field(part)
        if field.is_relation and field.related_model is not None:
            model = field.related_model
            names = [str(model._meta.verbose_name)]
        elif isinstance(field, Field):
            names.append(str(field.verbose_name).partition(" (")[0])
    return capfirst(": ".join(names))


def _reach(row: Model, path: str) -> Any:
    value: Any = row
    for part in path.split("__"):
        value = getattr(value, part) if value is not None else None
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str | dict | list) else value
