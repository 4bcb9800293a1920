"""Signed reply addresses: ours are read back, everything else is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.rules.addresses import ForgedAddress, ReplyAddress, read_reply_address, reply_address

SECRET = b"one key"
DOMAIN = "shop.example"


@given(kind=st.sampled_from(["c", "o"]), ident=st.integers(0, 10**15))
def test_reply_address_is_read_back_whatever_its_case(kind: str, ident: int) -> None:
    address = reply_address(kind, ident, SECRET, DOMAIN)  # type: ignore[arg-type]

    assert len(address.partition("@")[0]) <= 64
    assert read_reply_address(address.upper(), [SECRET], DOMAIN) == ReplyAddress(kind, ident)  # type: ignore[arg-type]


def test_reply_address_with_name_and_further_tag_is_read() -> None:
    address = reply_address("c", 41, SECRET, DOMAIN)
    tagged = address.replace("@", "+forwarded@")

    assert read_reply_address(f"Hearth & Thread <{address}>", [SECRET], DOMAIN) == ReplyAddress("c", 41)
    assert read_reply_address(tagged, [SECRET], DOMAIN) == ReplyAddress("c", 41)


def test_reply_address_of_an_older_key_is_read_while_it_is_in_force() -> None:
    old = reply_address("o", 7, b"old key", DOMAIN)

    assert read_reply_address(old, [SECRET, b"old key"], DOMAIN) == ReplyAddress("o", 7)
    with pytest.raises(ForgedAddress):
        read_reply_address(old, [SECRET], DOMAIN)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "care@shop.example",
        "care+c-41@shop.example",
        "care+c-41-short@shop.example",
        "someone+c-41-aaaaaaaaaaaaaaaa@shop.example",
        "care+x-41-aaaaaaaaaaaaaaaa@shop.example",
        "care+c-٤١-aaaaaaaaaaaaaaaa@shop.example",
        "care+c-41-aaaaaaaaaaaaaaaa@elsewhere.example",
        "care+c-41-aaaaaaaaaaaaaaaa@shop.example.evil.example",
        "undisclosed-recipients:;",
    ],
)
def test_read_reply_address_leaves_foreign_addresses_alone(address: str) -> None:
    assert read_reply_address(address, [SECRET], DOMAIN) is None


@given(ident=st.integers(0, 10**6), other=st.integers(0, 10**6))
def test_signature_of_one_thread_opens_no_other(ident: int, other: int) -> None:
    signature = reply_address("c", ident, SECRET, DOMAIN).partition("@")[0].rpartition("-")[2]

    for kind, number in (("c", other), ("o", ident)):
        if (kind, number) != ("c", ident):
            with pytest.raises(ForgedAddress):
                read_reply_address(f"care+{kind}-{number}-{signature}@{DOMAIN}", [SECRET], DOMAIN)


def test_reply_address_refuses_what_it_cannot_stand_for() -> None:
    with pytest.raises(ValueError, match="no reply address"):
        reply_address("x", 1, SECRET, DOMAIN)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no reply address"):
        reply_address("c", -1, SECRET, DOMAIN)
