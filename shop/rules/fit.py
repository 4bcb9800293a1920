"""How likely a size is to fit: a transparent model that learns from one fit report after the other.

Each report is a verdict (small, fit, large) on one size of one item.  What the model knows are *effects*: running
estimates in log-odds, one for "too small" and one for "too large" - of the item, of this size of it, of its category,
of the customer, of her shape and measures with this size, of the change from the size she took last.  Each begins at
nought with a variance (PRIOR) and shrinks towards it as long as few reports speak: an item with three reports says
little, one with three hundred speaks for itself, so that the hierarchy from category to size needs no other rule.  A
last weighing (two lines of nine numbers) learns how far to trust their sum, given the number of reports and how the
size compares with the size her measures suggest.

Nothing looks ahead: `roll` judges every report from reports of earlier days alone.  Probabilities are for people like
her who *chose* this size; they say "people find it small", never "take one size up", because whoever sizes up knew why.
Source: delivery reference 3.2, 3.3 and 6 (F1-F4).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import log1p, sqrt
from typing import Any

from shop.rules.estimates import Line, Moments, chance

VERDICTS = ("small", "fit", "large")
SMALL, FIT, LARGE = range(3)

# Variance of each kind of effect before any report: how much things differ in it.
PRIOR = {
    "base": 1.0,
    "category": 0.2,
    "category-size": 0.03,
    "item": 3.0,
    "item-size": 0.2,
    "item-need": 0.05,
    "item-fact": 0.02,
    "customer": 1.8,
    "change": 0.1,
    "shape": 0.05,
    "occasion": 0.05,
    "choice": 0.03,
    "fact": 0.03,
    "fact-size": 0.04,
}
BASE = -1.9  # one report in eight says small, one in eight large, before we know better
_FACT_EDGES = (-1.2, -0.6, -0.2, 0.2, 0.6, 1.2, 2.2)
_CHOICE_EDGES = (-0.7, -0.45, -0.22, 0.0, 0.22, 0.45, 0.7)
_NEED_EDGES = (-0.7, -0.35, 0.0, 0.35, 0.7, 1.2, 1.9)
_TOO_MUCH = 0.47  # spreads of size by which a garment that was too small missed, as far as we can guess
_WARM = 20.0  # values of a fact before its spread means anything
_CAUTION = 0.4  # what the last weighing takes off a sum of effects, before reports tell how far to trust it
_STIFF = 0.05  # variance of its weights: hundreds of reports move them, a handful does not
_ITEM_PULL, _CUSTOMER_PULL = 5.0, 1.0  # reports that hold the shift of an item, of a customer, at nought


@dataclass(frozen=True, slots=True)
class Report:
    """One size of one item on one body; `verdict` is None while we ask.

    `size` is the place in the run of sizes (any scale, larger is larger), None when unknown.  `facts` are numbers such
    as height and chest in the same unit throughout; what is unknown is left out.  `day` is `date.toordinal()`.
    """

    item: str
    size: float | None
    day: int
    customer: str = ""
    category: str = ""
    occasion: str = ""
    shape: str = ""
    facts: Mapping[str, float] = field(default_factory=dict)
    verdict: int | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """How likely each verdict is, and from how many earlier reports of the item we know it."""

    small: float
    fit: float
    large: float
    reports: int


class Part:
    """What is known of one item, of one customer, or of everything together.  An effect is [small, v, large, v]."""

    __slots__ = ("effects", "last", "reports", "shift")

    def __init__(self) -> None:
        self.effects: dict[str, list[float]] = {}
        self.reports = 0
        self.shift = 0.0  # sum of how far sizes lay from what her measures suggest, in spreads
        self.last: tuple[float, int] | None = None  # a customer's last size and its verdict

    def effect(self, name: str, kind: str, start: float = 0.0) -> list[float]:
        """Return the effect called `name`, begun at `start` with the variance of its kind when it is new."""
        known = self.effects.get(name)
        if known is None:
            known = self.effects[name] = [start, PRIOR[kind], start, PRIOR[kind]]
        return known

    def as_dict(self) -> dict[str, Any]:
        """Return what `Part.of` makes the same again, ready for JSON."""
        return {"effects": self.effects, "reports": self.reports, "shift": self.shift, "last": self.last}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Part:
        """Return the part that `as_dict` wrote."""
        made = cls()
        made.effects = {name: [float(each) for each in four] for name, four in kept["effects"].items()}
        made.reports, made.shift = int(kept["reports"]), float(kept["shift"])
        made.last = (float(kept["last"][0]), int(kept["last"][1])) if kept["last"] else None
        return made


@dataclass(slots=True)
class Look:
    """One report as the model sees it: the effects that meet in it, and how its size compares."""

    effects: list[tuple[str, list[float]]]
    facts: list[float]
    place: float
    need: float
    item_shift: float
    her_shift: float
    weighed: list[float]


class FitModel:
    """The model: what is common, what is known of each item and customer, and the two last weighings."""

    def __init__(self, facts: Sequence[str]) -> None:
        """Begin without a report; `facts` names the measures that are used, in a fixed order."""
        self.names = tuple(facts)
        self.common = Part()
        self.items: dict[str, Part] = {}
        self.customers: dict[str, Part] = {}
        self.sizes = Moments(0.0, 1.0, 0.5)
        self.facts = {name: Moments() for name in self.names}
        self.usual = Line([0.0] * (1 + 3 * len(self.names)), 1.0)
        self.small = Line([_CAUTION * BASE, 1.0 - _CAUTION, *[0.0] * 7], _STIFF)
        self.large = Line([_CAUTION * BASE, 1.0 - _CAUTION, *[0.0] * 7], _STIFF)

    def outlook(self, report: Report) -> Outlook:
        """Return how likely each verdict is; learns nothing."""
        return self._judge(self.look(report), report)

    def learn(self, report: Report, look: Look | None = None) -> None:
        """Learn one report with its verdict; `look` saves looking again at what was judged before."""
        assert report.verdict is not None  # noqa: S101 -- who asks cannot teach
        look = look or self.look(report)
        self._learn_weighing(look, report.verdict)
        for at, hit in ((0, report.verdict == SMALL), (2, report.verdict == LARGE)):
            _learn_effects([effect for _, effect in look.effects], at, hit)
        self._learn_sizes(report, look, report.verdict)

    def roll(self, reports: Sequence[Report]) -> Iterator[tuple[Report, Outlook]]:
        """Judge reports in order of days, then learn them: no report is judged with another one of its day or later."""
        for _day, same in groupby(reports, key=lambda report: report.day):
            today = list(same)
            looks = [self.look(report) for report in today]
            yield from zip(today, [self._judge(*pair) for pair in zip(looks, today, strict=True)], strict=True)
            for report, look in zip(today, looks, strict=True):
                if report.verdict is not None:
                    self.learn(report, look)

    def parts(self, report: Report) -> tuple[Part, Part]:
        """Return what is known of the report's item and customer; new ones are kept, a nameless customer is not."""
        item = self.items.get(report.item)
        if item is None:
            item = self.items[report.item] = Part()
        customer = self.customers.get(report.customer)
        if customer is None:
            customer = Part()
            if report.customer:
                self.customers[report.customer] = customer
        return item, customer

    def look(self, report: Report) -> Look:
        """Gather the effects that meet in a report and compare its size with what her measures suggest."""
        item, customer = self.parts(report)
        line, places = self._body(report)
        need = self.usual.sum(line)
        place = self.sizes.place(report.size) if report.size is not None else need
        item_shift = item.shift / (item.reports + _ITEM_PULL)
        her_shift = customer.shift / (customer.reports + _CUSTOMER_PULL)
        choice = place - need
        lean = choice - item_shift
        own = lean - her_shift
        named = self._common_effects(report, choice) + self._item_effects(report, item, need)
        if report.customer:
            named.append(("customer", customer.effect("customer", "customer")))
        named += self._change(report, customer) + self._fact_effects(report, item, places)
        weighed = [
            log1p(item.reports) / 3.0 - 1.0,
            lean,
            choice,
            0.3 * choice * choice,
            0.3 * own * own,
            log1p(customer.reports),
        ]
        return Look(named, line, place, need, item_shift, her_shift, weighed)

    def _body(self, report: Report) -> tuple[list[float], list[float | None]]:
        """Return her facts as the values of a line (place, its square, unknown), and their places alone."""
        line, places = [1.0], list[float | None]()
        for name in self.names:
            value, seen = report.facts.get(name), self.facts[name]
            if value is None:
                line += (0.0, 0.0, 1.0)
                places.append(None)
                continue
            place = seen.place(value) if seen.weight > _WARM else 0.0
            line += (place, 0.3 * place * place, 0.0)
            places.append(place)
        return line, places

    def _common_effects(self, report: Report, choice: float) -> list[tuple[str, list[float]]]:
        effect, size = self.common.effect, report.size
        named = [("base", effect("base", "base", BASE))]
        if report.category:
            named.append(("category", effect(f"category={report.category}", "category")))
            if size is not None:
                named.append(("category", effect(f"category={report.category}/{size}", "category-size")))
        if report.shape:
            named.append(("body", effect(f"shape={report.shape}", "shape")))
        if report.occasion:
            named.append(("occasion", effect(f"occasion={report.occasion}", "occasion")))
        if size is not None:
            named.append(("choice", effect(f"choice={bisect_right(_CHOICE_EDGES, choice)}", "choice")))
        return named

    def _item_effects(self, report: Report, item: Part, need: float) -> list[tuple[str, list[float]]]:
        named = [("item", item.effect("item", "item"))]
        if report.size is not None:
            named.append(("item-size", item.effect(f"size={report.size}", "item-size")))
        named.append(("item-body", item.effect(f"need={bisect_right(_NEED_EDGES, need)}", "item-need")))
        return named

    def _change(self, report: Report, customer: Part) -> list[tuple[str, list[float]]]:
        """Return the effect of how this size differs from the one she took last, and how that one was."""
        if customer.last is None or report.size is None:
            return []
        size, verdict = customer.last
        steps = int(max(-9.0, min(9.0, report.size - size)))
        return [("customer", self.common.effect(f"change={VERDICTS[verdict]}/{steps}", "change"))]

    def _fact_effects(
        self, report: Report, item: Part, places: Sequence[float | None]
    ) -> list[tuple[str, list[float]]]:
        named = []
        for name, place in zip(self.names, places, strict=True):
            key = f"{name}={'?' if place is None else bisect_right(_FACT_EDGES, place)}"
            named.append(("body", self.common.effect(key, "fact")))
            if report.size is not None:
                named.append(("body", self.common.effect(f"{key}/{report.size}", "fact-size")))
            if place is not None:
                named.append(("item-body", item.effect(key, "item-fact")))
        return named

    def _judge(self, look: Look, report: Report) -> Outlook:
        small, large = _sums(look)
        too_small = chance(self.small.sum([1.0, small, large, *look.weighed]))
        too_large = chance(self.large.sum([1.0, large, small, *look.weighed]))
        both = max(1.0, too_small + too_large + 0.001)
        item = self.items.get(report.item)
        reports = item.reports if item else 0
        return Outlook(too_small / both, 1.0 - (too_small + too_large) / both, too_large / both, reports)

    def _learn_weighing(self, look: Look, verdict: int) -> None:
        small, large = _sums(look)
        pairs = ((self.small, [1.0, small, large], SMALL), (self.large, [1.0, large, small], LARGE))
        for line, head, which in pairs:
            values = [*head, *look.weighed]
            expected = chance(line.sum(values))
            line.learn(values, (verdict == which) - expected, expected * (1.0 - expected))

    def _learn_sizes(self, report: Report, look: Look, verdict: int) -> None:
        """Learn how sizes run: of the item, of the customer, and which size which measures suggest."""
        item, customer = self.parts(report)
        item.reports += 1
        customer.reports += 1
        for name in self.names:
            if name in report.facts:
                self.facts[name].add(report.facts[name])
        if report.size is None:
            return
        missed = look.place + _TOO_MUCH * (FIT - verdict) - look.need
        item.shift += missed - look.her_shift
        customer.shift += missed - look.item_shift
        customer.last = (report.size, verdict)
        if verdict == FIT:
            self.usual.learn(look.facts, look.place - look.item_shift - self.usual.sum(look.facts), 1.0)
        self.sizes.add(report.size)


def _sums(look: Look) -> tuple[float, float]:
    small = large = 0.0
    for _, effect in look.effects:
        small += effect[0]
        large += effect[2]
    return small, large


def _learn_effects(effects: list[list[float]], at: int, hit: bool) -> None:
    """Share what one report tells among its effects: the less is known of an effect, the further it moves."""
    total = unknown = 0.0
    for effect in effects:
        total += effect[at]
        unknown += effect[at + 1]
    expected = chance(total / sqrt(1.0 + 0.3927 * unknown))  # pi / 8: the logistic curve, softened by doubt
    certainty = expected * (1.0 - expected)
    damping = 1.0 + unknown * certainty
    step, shrink = (hit - expected) / damping, certainty / damping
    for effect in effects:
        variance = effect[at + 1]
        effect[at] += variance * step
        effect[at + 1] = variance - variance * variance * shrink
