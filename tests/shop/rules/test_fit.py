from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest

from shop.rules.fit import FIT, LARGE, SMALL, FitModel, Line, Moments, Outlook, Part, Report
from shop.rules.fit_evaluation import score

FACTS = ("height", "chest")


def _reports(count: int, seed: int = 7) -> list[Report]:
    """Return invented reports over fifty days: item 0 runs small, item 1 large, customer 3 finds everything small."""
    chance, made = Random(seed), []
    for number in range(count):
        item, customer = chance.randrange(4), chance.randrange(12)
        lean = {0: -1.0, 1: 1.0}.get(item, 0.0) - (1.0 if customer == 3 else 0.0) + chance.gauss(0, 0.7)
        verdict = SMALL if lean < -0.8 else LARGE if lean > 0.8 else FIT
        facts = {"height": chance.gauss(1680, 60)} if customer % 2 else {}
        made.append(Report(f"i{item}", float(chance.randrange(5)), number // 8, f"c{customer}", facts=facts))
        made[-1] = replace(made[-1], verdict=verdict)
    return made


def _rolled(reports: list[Report]) -> list[Outlook]:
    return [outlook for _, outlook in FitModel(FACTS).roll(reports)]


def test_outlook_is_a_distribution() -> None:
    for outlook in _rolled(_reports(200)):
        assert outlook.small + outlook.fit + outlook.large == pytest.approx(1.0)
        assert min(outlook.small, outlook.fit, outlook.large) > 0.0


def test_roll_learns_which_item_runs_small_and_who_finds_things_small() -> None:
    model = FitModel(FACTS)
    list(model.roll(_reports(600)))

    small = [model.outlook(Report(f"i{item}", 2.0, 99)).small for item in range(4)]
    hers = [model.outlook(Report("i2", 2.0, 99, customer)).small for customer in ("c3", "c4", "")]

    assert small[0] > 0.4 > 0.3 > max(small[1:])
    assert hers[0] > 2 * hers[1]
    assert hers[0] > 2 * hers[2]


def test_roll_ranks_later_reports_better_than_chance() -> None:
    reports = _reports(600)
    later = list(FitModel(FACTS).roll(reports))[300:]

    macro = score(later).macro

    assert macro is not None
    assert macro > 0.7


def test_roll_never_looks_ahead() -> None:
    reports = _reports(240)
    turned = 120  # on day 15
    other = [replace(r, verdict=LARGE - (r.verdict or 0)) if r.day == 15 else r for r in reports]

    before, after = _rolled(reports), _rolled(other)

    assert reports[turned].day == 15
    assert before[: turned + 8] == after[: turned + 8]  # earlier days and the day itself
    assert before[turned + 8 :] != after[turned + 8 :]


def test_roll_judges_a_report_without_a_verdict_and_learns_nothing_from_it() -> None:
    reports = _reports(80)
    asked = Report("i0", 2.0, 4, "c1")

    judged = list(FitModel(FACTS).roll(sorted([*reports, asked], key=lambda report: report.day)))

    assert [outlook for report, outlook in judged if report is not asked] == _rolled(reports)


def test_outlook_without_size_body_and_customer_is_the_item_alone() -> None:
    model = FitModel(FACTS)
    list(model.roll(_reports(400)))

    outlook = model.outlook(Report("i0", None, 99))

    assert outlook.small > 3 * outlook.large
    assert outlook.reports == model.items["i0"].reports


def test_outlook_of_the_first_report_is_the_common_guess() -> None:
    outlook = FitModel(FACTS).outlook(Report("new", 3.0, 1))

    assert (round(outlook.small, 2), round(outlook.fit, 2), round(outlook.large, 2)) == (0.13, 0.74, 0.13)


def test_learning_pulls_an_item_further_the_more_reports_speak() -> None:
    model, seen = FitModel(FACTS), []
    for day in range(30):
        seen.append(model.outlook(Report("i", 1.0, day)).small)
        model.learn(Report("i", 1.0, day, verdict=SMALL))

    assert seen == sorted(seen)
    assert 0.13 < seen[1] < 0.4 < 0.8 < seen[-1]


def test_what_the_model_knows_survives_being_kept_as_json() -> None:
    model, again = FitModel(FACTS), FitModel(FACTS)
    list(model.roll(_reports(160)))

    def kept(part: Part) -> Part:
        return Part.of(json.loads(json.dumps(part.as_dict())))

    again.common = kept(model.common)
    again.items = {name: kept(part) for name, part in model.items.items()}
    again.customers = {name: kept(part) for name, part in model.customers.items()}
    again.sizes = Moments.of(model.sizes.as_list())
    again.facts = {name: Moments.of(each.as_list()) for name, each in model.facts.items()}
    again.usual, again.small, again.large = (
        Line.of(json.loads(json.dumps(line.as_dict()))) for line in (model.usual, model.small, model.large)
    )
    asked = Report("i1", 3.0, 99, "c3", facts={"height": 1720.0})

    assert again.outlook(asked) == model.outlook(asked)
