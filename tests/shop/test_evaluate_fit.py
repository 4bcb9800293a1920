from __future__ import annotations

import csv
import gzip
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command

HEAD = (
    "user_id,item_id,size,fit,category,rented_for,height_in,weight_lbs,bust_size_num,bust_size_letter,body_type,age,"
    "rating,review_date"
)
SINCE = "2017-03-01"


def _lines(count: int = 400) -> list[str]:
    """Return reports over a hundred days: item 1 runs small, item 2 large."""
    chance, lines = Random(3), []
    for number in range(count):
        item = chance.randrange(4)
        weights = {1: (6, 4, 0.2), 2: (0.2, 4, 6)}.get(item, (1, 8, 1))
        fit = chance.choices(("small", "fit", "large"), weights)[0]
        on = date(2017, 1, 1) + timedelta(days=number // 4)
        lines.append(
            f"{chance.randrange(60)},{item},{chance.choice((4, 8, 12))},{fit},dress,party,65.0,,34.0,b,pear,33,10,{on}"
        )
    return lines


def _file(path: Path, lines: list[str], head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def _run(**options: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("evaluate_fit", stdout=out, stderr=err, **{"since": date.fromisoformat(SINCE), **options})
    return out.getvalue(), err.getvalue()


def _dumped(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_evaluate_fit_prints_the_figures_and_dumps_one_row_a_report(tmp_path: Path) -> None:
    lines, dump = _lines(), tmp_path / "out.csv"
    packed = tmp_path / "reports.csv.gz"
    packed.write_bytes(gzip.compress("\n".join([HEAD, *lines]).encode()))

    said, progress = _run(reports=packed, dump=dump)

    later = [line.split(",") for line in lines if line[-10:] >= SINCE]
    rows = _dumped(dump)
    assert [(row["user"], row["item"], row["size"], row["date"]) for row in rows] == [
        (user, item, size, line[-1]) for user, item, size, *line in later
    ]
    assert all(abs(sum(float(row[f"p_{each}"]) for each in ("small", "fit", "large")) - 1) < 1e-5 for row in rows)
    macro = float(said.split("from that day on")[1].split()[0])
    assert macro > 0.65
    assert "runs small       1 items:" in said
    assert "runs large       1 items:" in said
    assert progress.count(" of 400 reports") == 10


def test_evaluate_fit_never_looks_ahead(tmp_path: Path) -> None:
    lines = _lines()
    turned = [line.replace(",small,", ",large,") if line.endswith("2017-03-21") else line for line in lines]
    dumps = []
    for number, each in enumerate((lines, turned)):
        _run(reports=_file(tmp_path / f"{number}.csv", each), dump=tmp_path / f"out{number}.csv")
        dumps.append(_dumped(tmp_path / f"out{number}.csv"))

    until = [[row for row in rows if row["date"] <= "2017-03-21"] for rows in dumps]
    assert lines != turned
    assert until[0] == until[1]
    assert dumps[0] != dumps[1]


def test_evaluate_fit_leaves_out_bad_lines_and_names_them(tmp_path: Path) -> None:
    lines = _lines()
    bad = [
        "1,1,4,tight,dress,,,,,,,,,2017-03-02",
        "1,,4,fit,dress,,,,,,,,,2017-03-02",
        "1,1,4,fit,dress,,,,,,,,,02.03.2017",
        "1,1,4,fit,dress,,,,,,,,,2017-03-02,more",
    ]
    odd = ["1,1,XL,fit,,,tall,-3,nan,zz,,900,,2017-03-02", "1,1,4,,,,,,,,,,,2017-03-02", ",1,4,fit,,,,,,,,,,2017-03-02"]
    clean, dump = tmp_path / "clean.csv", tmp_path / "dirty.csv"
    _run(reports=_file(tmp_path / "a.csv", lines), dump=clean)

    said, told = _run(reports=_file(tmp_path / "b.csv", [*lines, *bad, *odd]), dump=dump)

    assert said.startswith("403 reports read, 4 lines left out\n")
    assert [line for line in told.splitlines() if line.startswith("line ")] == [
        "line 402 left out: fit is 'tight'; it may be small, fit or large",
        "line 403 left out: it names no item",
        "line 404 left out: the date is '02.03.2017'; write it as 2017-07-01",
        "line 405 left out: it has more values than the first line has names",
    ]
    assert len(_dumped(dump)) == len(_dumped(clean)) + 3


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("missing.csv", None, "No such file"),
        ("empty.csv", b"", "column user_id, item_id, size, fit, review_date is missing"),
        ("head.csv", b"user_id,item_id,size\n", "column fit, review_date is missing"),
        ("latin.csv", HEAD.encode() + "\n1,1,4,fit,größe,,,,,,,,,2017-03-02\n".encode("latin-1"), "codec can't decode"),
        ("cut.csv.gz", gzip.compress(f"{HEAD}\n{99 * _lines()[0]}".encode())[:120], "Compressed file ended"),
        ("old.csv", f"{HEAD}\n1,1,4,fit,,,,,,,,,,2017-02-02\n".encode(), "choose an earlier day for --from"),
    ],
)
def test_evaluate_fit_refuses_a_file_it_cannot_use(tmp_path: Path, name: str, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(CommandError, match=why):
        _run(reports=tmp_path / name)


def test_evaluate_fit_refuses_a_dump_it_cannot_write(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="choose another place for --dump"):
        _run(reports=_file(tmp_path / "a.csv", _lines(300)), dump=tmp_path / "no" / "out.csv")


def test_evaluate_fit_refuses_a_day_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="write it as 2017-07-01"):
        call_command("evaluate_fit", "--reports", str(tmp_path), "--from", "yesterday")
