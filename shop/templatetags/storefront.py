"""Tags every page of the shop uses: icons, money, the shop's own name and ways to reach it."""

from collections.abc import Iterator, Mapping

from django import template
from django.core.paginator import Page
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
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


@register.filter
def page_numbers(page: Page) -> Iterator[int | str]:
    """List the page numbers worth a link: first, last, the neighbours; `...` stands for a gap."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.filter
def lookup(mapping: object, key: object) -> object:
    """Read `mapping[key]`; an empty string when there is no mapping or no such key."""
    if not isinstance(mapping, Mapping):
        return ""
    return mapping.get(key, "")
