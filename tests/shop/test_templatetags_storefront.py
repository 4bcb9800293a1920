from __future__ import annotations

from django.core.paginator import Paginator

from shop.templatetags import storefront


def test_picture_comes_in_three_sizes_and_lazily() -> None:
    html = storefront.picture("demo/products/mug-800.webp", 'A "mug"', "50vw")

    assert html == (
        '<img src="/static/demo/products/mug-800.webp" srcset="/static/demo/products/mug-400.webp 400w, '
        '/static/demo/products/mug-600.webp 600w, /static/demo/products/mug-800.webp 800w" '
        'sizes="50vw" width="800" height="1000" alt="A &quot;mug&quot;" loading="lazy" decoding="async">'
    )


def test_picture_that_matters_first_is_fetched_first() -> None:
    assert 'fetchpriority="high"' in storefront.picture("a-800.webp", "A", "1px", eager=True)


def test_thumbnail_falls_back_to_the_picture_itself() -> None:
    assert storefront.thumbnail("demo/mug-800.webp") == "/static/demo/mug-400.webp"
    assert storefront.thumbnail("own/mug.png") == "/static/own/mug.png"


def test_json_data_cannot_end_its_element() -> None:
    assert storefront.json_data({"a": "</script>&"}) == '{"a": "\\u003C/script\\u003E\\u0026"}'


def test_page_numbers_leave_gaps() -> None:
    page = Paginator(range(100), 10).page(5)

    assert list(storefront.page_numbers(page)) == [1, "…", 4, 5, 6, "…", 10]


def test_lookup_of_nothing_is_empty() -> None:
    assert storefront.lookup({"a": 1}, "a") == 1
    assert storefront.lookup({"a": 1}, "b") == ""
    assert storefront.lookup(None, "a") == ""
