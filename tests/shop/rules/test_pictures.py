from __future__ import annotations

from uuid import UUID

import pytest

from shop.rules.pictures import file_of, has_avif, is_file, largest, path_of, sisters, smallest

NAME = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")


def test_an_upload_has_no_sisters_until_it_is_drawn() -> None:
    fresh, drawn = path_of(NAME, drawn=False), path_of(NAME, drawn=True)

    assert (fresh, sisters(fresh), smallest(fresh), has_avif(fresh)) == (
        f"media/pieces/{NAME}-one.webp",
        (),
        fresh,
        False,
    )
    assert sisters(drawn, "avif") == tuple((f"media/pieces/{NAME}-{width}.avif", width) for width in (400, 600, 800))
    assert (smallest(drawn), has_avif(drawn)) == (f"media/pieces/{NAME}-400.webp", True)


def test_static_pictures_keep_their_sisters_and_kind() -> None:
    assert sisters("demo/mug-800.webp") == (
        ("demo/mug-400.webp", 400),
        ("demo/mug-600.webp", 600),
        ("demo/mug-800.webp", 800),
    )
    assert (sisters("own/mug.png"), smallest("own/mug.png"), has_avif("demo/mug-800.webp")) == (
        (),
        "own/mug.png",
        False,
    )


def test_the_largest_is_what_was_uploaded_and_is_no_sister() -> None:
    fresh, drawn = path_of(NAME, drawn=False), path_of(NAME, drawn=True)

    assert largest(drawn) == largest(fresh) == fresh
    assert fresh not in [path for kind in ("", "avif") for path, _width in sisters(drawn, kind)]
    assert (largest("demo/mug-800.webp"), largest("own/mug.png")) == ("demo/mug-800.webp", "own/mug.png")


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        (file_of(NAME), True),
        (file_of(NAME, 400, "avif"), True),
        (file_of(NAME, 800, "webp"), True),
        (f"pieces/{NAME}-one.avif", False),
        (f"pieces/{NAME}-500.webp", False),
        (f"pieces/../data/{NAME}-one.webp", False),
        ("pieces/../../settings.py", False),
        (f"reviews/{NAME}.webp", False),
        (f"{file_of(NAME)}\n", False),
        ("", False),
    ],
)
def test_nothing_but_pictures_of_pieces_is_a_file_of_ours(path: str, ours: bool) -> None:
    assert is_file(path) is ours
