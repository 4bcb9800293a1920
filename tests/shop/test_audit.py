"""The audit: what it says, and that every one of its checks can fail.  Source: reliability reference 2.7."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from shop import invariants
from shop.queries.audit import breaches
from tests.breaches import codes_told_elsewhere, every_planter
from tests.factories.shop import VariantFactory
from tests.shop.breaches import ignore_without_a_reason, lose_a_piece

CODES = sorted(rule.code for rule in invariants.registered())


def audit(*options: str) -> tuple[int, str, str]:
    """Run the command; return exit code, output and errors."""
    out, err = StringIO(), StringIO()
    try:
        call_command("audit_invariants", *options, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("code", CODES)
def test_every_invariant_has_a_planted_breach(code: str) -> None:
    app = {"S": "shop", "O": "orders", "M": "orders", "R": "returns", "U": "support", "N": "notifications"}[code[0]]

    planted = every_planter().keys() | codes_told_elsewhere()
    assert code in planted, f"add {code} to BREACHES in tests/{app}/breaches.py or assert it in a test of invariants"


def test_every_planted_breach_has_an_invariant() -> None:
    assert sorted(every_planter().keys() - set(CODES)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(every_planter()))
def test_audit_names_exactly_the_planted_breach(code: str) -> None:
    assert breaches() == []

    every_planter()[code]()

    assert sorted({breach.code for breach in breaches()}) == [code]


@pytest.mark.django_db
def test_command_is_content_with_an_empty_shop() -> None:
    assert audit() == (0, "All invariants hold.\n", "")
    assert audit("--json") == (0, "[]\n", "")


@pytest.mark.django_db
def test_command_prints_every_breach_and_exits_1() -> None:
    lose_a_piece()
    ignore_without_a_reason()

    code, said, _ = audit()

    lines = said.splitlines()
    assert code == 1
    assert [line[:3] for line in lines[:-1]] == ["S01", "S04"]
    assert lines[-1] == "2 breaches."


@pytest.mark.django_db
def test_command_prints_json_with_everything_a_program_needs() -> None:
    lose_a_piece()

    code, said, _ = audit("--json")

    (breach,) = json.loads(said)
    assert code == 1
    assert sorted(breach) == ["code", "detail", "says", "what"]
    assert breach["detail"] == "shelf 4, movements say 5; spoken for 0, movements say 0"


def test_command_exits_2_when_it_cannot_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("the server is away")

    monkeypatch.setattr("shop.management.commands.audit_invariants.breaches", away)

    assert audit() == (2, "", "Could not check: the server is away\n")


@pytest.mark.django_db
def test_the_database_itself_refuses_to_oversell() -> None:
    """The negative control of S02's planter: with the constraint in place the breach cannot be planted."""
    VariantFactory(stock=5)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE shop_stocklevel SET allocated = 6")
