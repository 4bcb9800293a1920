"""The command that replays old orders: what it reads, what it writes, what it says when it cannot."""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from orders.management.commands import backtest_promises
from orders.rules.estimates import learning, replay

HEAD = "order,purchased,handed_over,delivered,promised,seller,seller_state,customer_state,capital,zip2,freight"


def lines(orders: int = 120) -> list[str]:
    """Orders over ten weeks, every fifth of them slow."""
    dice, found = random.Random(4), []
    for index in range(orders):
        bought = datetime(2017, 3, 1, 9) + timedelta(hours=14 * index)
        gone = bought + timedelta(days=dice.choice((1, 1, 2, 3)))
        came = gone + timedelta(days=dice.choice((4, 5, 6, 7, 19)))
        promised = (bought + timedelta(days=15)).date()
        found.append(
            f"o{index},{bought},{gone},{came},{promised},s{index % 3},SP,RJ,{index % 2},2{index % 4},{14.5 + index % 3}"
        )
    return found


def written(folder: Path, rows: list[str]) -> Path:
    path = folder / "orders.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEAD, *rows]).encode()))
    return path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_order_from_that_day_on_is_dumped_with_a_day_per_target(tmp_path: Path) -> None:
    told, dump, warn = io.StringIO(), tmp_path / "dump.csv", tmp_path / "warn.csv"
    orders = written(tmp_path, lines())

    options = {"orders": orders, "from_on": datetime(2017, 4, 10).date(), "target": [0.95, 0.8], "country": "BR"}
    call_command("backtest_promises", **options, dump=dump, warn=warn, stdout=told, stderr=io.StringIO())

    rows = table(dump)
    assert list(rows[0]) == ["order", "0.5", "0.8", "0.95"]
    assert [row["order"] for row in rows] == [f"o{index}" for index in range(68, 120)]
    for row in rows:
        days = [datetime.fromisoformat(row[name]).date() for name in ("0.5", "0.8", "0.95")]
        assert days == sorted(days)
        assert all(day.weekday() < 5 for day in days)
        assert datetime(2017, 4, 21).date() not in days  # Tiradentes
    assert [row["order"] for row in table(warn)] == [row["order"] for row in rows]
    assert "52 orders, 52 of them delivered" in told.getvalue()
    assert "average precision" in told.getvalue()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"from_on": datetime(2019, 1, 1).date()}, "No order was purchased on or after 2019-01-01."),
        ({"country": "XQ"}, "The holiday library does not know the country XQ."),
        (
            {"from_on": datetime(2017, 3, 8).date(), "known": 200},
            "Only 12 orders were bought in the 120 days before 2017-03-08. Choose a smaller --known or a later --from.",
        ),
        ({"orders": Path("/nowhere/orders.csv")}, "Give --orders a CSV file of orders, plain or gzip."),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_a_sentence(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    options = {"orders": written(tmp_path, lines(20)), "from_on": datetime(2017, 3, 1).date(), "country": "BR"}

    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        call_command("backtest_promises", **(options | change), stderr=io.StringIO())


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        (10, "much", "freight is not an amount: 'much'"),
        (0, "", "the order has no name"),
        (0, "o2", "order o2 is there twice"),
        (1, "", "purchased is empty"),
        (1, "0001-01-01 09:00:00", "purchased lies in the year 1"),
        (3, "2017-02-01 09:00:00", "delivered lies before purchased"),
        (4, "2017-02-30", "promised is not a date: '2017-02-30'"),
    ],
)
def test_a_line_that_cannot_be_an_order_is_named_and_left_out(
    tmp_path: Path, column: int, value: str, sentence: str
) -> None:
    rows, told, said = lines(20), io.StringIO(), io.StringIO()
    cells = rows[3].split(",")
    cells[column] = value
    rows[3] = ",".join(cells)

    options = {"orders": written(tmp_path, rows), "from_on": datetime(2017, 3, 1).date(), "country": "BR"}
    call_command("backtest_promises", **options, stdout=said, stderr=told)

    assert told.getvalue().splitlines()[0] == f"line 5: {sentence}; left out"
    assert said.getvalue().startswith("19 orders, 19 of them delivered")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--from", "yesterday"], "'yesterday' is no day; write it as 2018-01-01"),
        (["--from", "2017-03-01", "--known", "0"], "'0' is no number of orders; write 200 to know 200"),
        (["--from", "2017-03-01", "--target", "95"], "'95' is no share; write 0.95 to keep 95 of 100"),
        (["--from", "2017-03-01", "--target", "most"], "'most' is no share; write 0.95 to keep 95 of 100"),
    ],
)
def test_a_day_or_share_that_is_none_is_said_so(tmp_path: Path, words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("backtest_promises", "--orders", str(written(tmp_path, lines(5))), *words)


def test_the_median_may_be_asked_for_and_is_dumped_once(tmp_path: Path) -> None:
    dump = tmp_path / "dump.csv"
    words = ["--from", "2017-03-01", "--target", ".5", "--target", "0.90", "--dump", str(dump)]

    orders = str(written(tmp_path, lines(20)))
    call_command("backtest_promises", "--orders", orders, *words, stdout=io.StringIO(), stderr=io.StringIO())

    assert list(table(dump)[0]) == ["order", "0.5", "0.9"]


def test_a_beginner_promises_every_order_from_the_few_it_knows(tmp_path: Path) -> None:
    dump, told = {}, io.StringIO()
    orders = str(written(tmp_path, lines()))
    for known in ([], ["--known", "10"]):
        path = tmp_path / f"dump{len(known)}.csv"
        words = ["--from", "2017-04-10", "--target", "0.9", *known, "--dump", str(path)]
        call_command("backtest_promises", "--orders", orders, *words, stdout=told, stderr=io.StringIO())
        dump[len(known)] = table(path)

    assert [row["order"] for row in dump[2]] == [row["order"] for row in dump[0]]
    assert [row["0.9"] for row in dump[2]] != [row["0.9"] for row in dump[0]]
    assert "pinball at 0.95; 0.9 " in told.getvalue()


def test_the_help_names_every_column_and_its_examples_are_understood(tmp_path: Path) -> None:
    parser = backtest_promises.Command().create_parser("manage.py", "backtest_promises")
    told = parser.format_help()
    examples = re.findall(r"manage\.py backtest_promises (--.*)", told.replace("\\\n", " "))
    dump, warn = tmp_path / "dump.csv", tmp_path / "warn.csv"
    options = {"orders": written(tmp_path, lines(20)), "from_on": date(2017, 3, 1), "target": [0.9], "country": "BR"}
    call_command("backtest_promises", **options, dump=dump, warn=warn, stdout=io.StringIO(), stderr=io.StringIO())

    columns = {*HEAD.split(","), *table(warn)[0]}
    assert {name for name in columns if not re.search(rf"\b{name}\b", told)} == set()
    assert [parser.parse_args(words.split()).from_on for words in examples] == [date(2018, 3, 2)] * 3


CUT = date(2017, 4, 20)


def with_another_future(rows: list[str]) -> list[str]:
    """The same orders up to the evening of CUT; after it nothing as it was, and other orders."""
    found = []
    for number, row in enumerate(rows):
        name, bought, gone, came, promised, *groups = row.split(",")
        if datetime.fromisoformat(bought).date() > CUT:
            if number % 2:
                continue
            groups[0], groups[4] = "s9", "99"
        gone, came = (moment if datetime.fromisoformat(moment).date() <= CUT else "" for moment in (gone, came))
        found.append(",".join([name, bought, gone, came, promised, *groups]))
    return found


def known_by_the_cut(folder: Path, rows: list[str], *words: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Dump every promise of orders bought by CUT, and every notice sent by then; besides, what was asked by then."""
    orders, dump, warn = written(folder, rows), folder / "dump.csv", folder / "warn.csv"
    files = ["--from", "2017-03-25", "--target", "0.9", "--dump", str(dump), "--warn", str(warn)]
    call_command(
        "backtest_promises", "--orders", str(orders), *files, *words, stdout=io.StringIO(), stderr=io.StringIO()
    )

    bought = {row.split(",")[0]: datetime.fromisoformat(row.split(",")[1]).date() for row in rows}
    settled = {row.split(",")[0] for row in rows if date.fromisoformat(row.split(",")[4]) <= CUT}
    notices = {}
    for row in table(warn):
        told = row["noticed_on"] and date.fromisoformat(row["noticed_on"]) <= CUT
        notices[row["order"]] = [row["noticed_on"], row["renewed_on"]] if told else []
        notices[row["order"]] += [row["p_two_days_before"]] if row["order"] in settled else []
    promises = {row["order"]: f"{row['0.5']} {row['0.9']}" for row in table(dump) if bought[row["order"]] <= CUT}
    return promises, {name: said for name, said in notices.items() if bought[name] <= CUT}


@pytest.mark.parametrize("words", [(), ("--known", "8")])
def test_what_happens_later_changes_no_line_about_the_days_before(tmp_path: Path, words: tuple[str, ...]) -> None:
    one = known_by_the_cut(tmp_path, lines(), *words)
    other = known_by_the_cut(tmp_path, with_another_future(lines()), *words)

    assert one == other
    assert len(one[0]) == 46
    assert sum(len(said) > 1 for said in one[1].values()) >= 3  # some were told by then


def test_a_replay_that_peeks_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controls: who knows today what arrives in the next days promises otherwise, and warns otherwise."""

    def seen(on: date | None, day: date) -> bool:
        return on is not None and on <= day + timedelta(days=9)

    def differs() -> tuple[bool, bool]:
        one, other = (known_by_the_cut(tmp_path, rows) for rows in (lines(), with_another_future(lines())))
        return one[0] != other[0], one[1] != other[1]

    with monkeypatch.context() as peeking:
        peeking.setattr(learning, "_by", seen)
        promises, _ = differs()
    with monkeypatch.context() as peeking:
        peeking.setattr(replay, "_arrived", lambda past, day: seen(past.delivered_on, day))
        _, notices = differs()

    assert (promises, notices) == (True, True)
    assert differs() == (False, False)
