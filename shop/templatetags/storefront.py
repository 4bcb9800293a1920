"""Tags every page of the shop uses: the shop itself, icons, pictures, lengths, pages of a list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop.models import Category, SizeName
from shop.pictures import picture_url
from shop.queries import listing
from shop.rules import lengths, wording
from shop.rules.pictures import has_avif, largest, sisters, smallest

register = template.Library()


@dataclass(frozen=True)
class Storefront:
    """The shop as its pages introduce it.  Only `categories` asks the database, once, and only when read.

    `shelves` are what a page has read already.
    """

    name: str
    email: str
    phone: str
    theme: str
    shelves: list[Category] | None = None

    @property
    def tagline(self) -> str:
        """Return the sentence search engines show when a page has none of its own."""
        return _("Clothes and things for the house, made in small runs by people with names.")

    @property
    def phone_link(self) -> str:
        """Return the phone number as a `tel:` address wants it."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")

    @property
    def hours(self) -> str:
        """Return when somebody picks up the phone, as the owner wrote it."""
        return _(settings.CARE_HOURS)

    @property
    def returns_line(self) -> str:
        """Return the promise about returns in one sentence."""
        return _("%(days)d days to send it back, refund or exchange") % {"days": settings.RETURN_WINDOW_DAYS}

    @property
    def demo_note(self) -> str:
        """Return what a visitor of the demo must know; empty in a real shop."""
        return _("A demo: pictures are rendered, people and prices invented.") if settings.DEMO else ""

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Return the code of every language with its own name for itself."""
        return list(settings.LANGUAGES)

    @cached_property
    def categories(self) -> list[Category]:
        """Return the shelves of the menu."""
        return listing.navigation() if self.shelves is None else self.shelves


@register.simple_tag(takes_context=True)
def storefront(context: Context) -> Storefront:
    """Introduce the shop: `{% storefront as site %}`.  Needs neither a request nor the database."""
    request = context.get("request")
    theme = request.COOKIES.get("theme", "") if isinstance(request, HttpRequest) else ""
    return Storefront(
        name=settings.SHOP_NAME,
        email=settings.CARE_EMAIL,
        phone=settings.CARE_PHONE,
        theme=theme if theme in {"light", "dark"} else "",
        shelves=context.get("shelves"),
    )


@register.simple_tag
@lru_cache(maxsize=256, typed=True)
def icon(name: str, flip: bool = False) -> SafeString:
    """Draw one symbol of static/icons/sprite.svg, hidden from assistive technology: put words beside it.

    `flip` mirrors it in right-to-left pages; use it for arrows and chevrons.
    """
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        " icon-flip" if flip else "",
        static("icons/sprite.svg"),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=4096, typed=True)
def picture(path: str, alt: str, sizes: str, eager: bool = False, width: int = 800, height: int = 1000) -> SafeString:
    """Draw a picture in its renditions, as AVIF where it has them; `sizes` says how wide it is shown.

    `eager` is for the picture a visitor sees first: it is fetched at once, all others when they come near.
    """
    drawn = format_html(
        '<img src="{}"{} width="{}" height="{}" alt="{}"{}>',
        picture_url(path),
        _srcset(path, sizes),
        width,
        height,
        alt,
        SafeString(' fetchpriority="high"') if eager else SafeString(' loading="lazy" decoding="async"'),
    )
    if not has_avif(path):
        return drawn
    avif = _srcset(path, sizes, kind="avif")
    return format_html('<picture><source type="image/avif"{}>{}</picture>', avif, drawn)


@register.filter
def thumbnail(path: str) -> str:
    """Return the address of the small rendition of a picture; of the picture itself when it has none."""
    return picture_url(smallest(path))


@register.filter
def big_picture(path: str) -> str:
    """Return the address of a picture as large as we have it."""
    return picture_url(largest(path))


def _srcset(path: str, sizes: str, kind: str = "") -> SafeString:
    """Return the attributes that offer every rendition; nothing when there is one alone."""
    offered = ", ".join(f"{picture_url(each)} {width}w" for each, width in sisters(path, kind))
    return format_html(' srcset="{}" sizes="{}"', offered, sizes) if offered else SafeString("")


@register.simple_tag
def length(low_mm: int, high_mm: int) -> SafeString:
    """Write a length or a range of lengths in both units; the unit switch of the page shows one of them."""
    return _length(low_mm, high_mm, get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=4096, typed=True)
def _length(low_mm: int, high_mm: int, locale: str) -> SafeString:
    return format_html(
        '<span class="cm">{} cm</span><span class="in">{} in</span>',
        _range(lengths.centimetres(low_mm), lengths.centimetres(high_mm), locale),
        _range(lengths.inches(low_mm), lengths.inches(high_mm), locale),
    )


def _range(low: str, high: str, locale: str) -> str:
    return wording.decimal(low if low == high else f"{low}–{high}", locale)


@register.filter
def page_numbers(page: Page[object]) -> Iterator[int | str]:
    """List the page numbers worth a link: first, last, the neighbours; an ellipsis stands for a gap."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def lookup(mapping: object, key: object) -> object:
    """Read `mapping[key]`; an empty string when there is no mapping or no such key."""
    if not isinstance(mapping, Mapping):
        return ""
    return mapping.get(key, "")


@register.filter
def size_system(code: str) -> str:
    """Return the name of a size system (a code of SizeName.System)."""
    return str(SizeName.System(code).label)


@register.filter
def lines(text: str) -> list[str]:
    """Split text into its non-empty lines."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@register.filter
def json_data(data: object) -> SafeString:
    """Write data as JSON that is safe inside a <script type="application/ld+json"> element."""
    text = json.dumps(data, ensure_ascii=False)
    for sign, code in {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"}.items():
        text = text.replace(sign, code)
    return mark_safe(text)  # noqa: S308 -- the three signs that could end the element are escaped above
