"""The story of one order as its page tells it: when, why, what we do, what has been and what comes.

Nothing here reads the database or the clock; everything is on the Journey, `today_on` is the destination's day.
Source: ux reference 2.7, 2.16-2.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from orders.messages import words
from orders.models import DelayCase, Order, Parcel, Promise
from orders.queries.couriers import carrier_name
from orders.queries.delays import Choices
from orders.queries.tracking import Journey
from orders.rules.outlook import ENOUGH
from orders.rules.tracking import Status

_ROAD = ("transit", "delay", "wish", "incident")  # stages in which a courier works, not our workshop


@dataclass(frozen=True)
class Answer:
    """The first thing the page says.  `kind` is promise, delay, delivered or cancelled."""

    kind: str
    headline: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """One step of the timeline: `state` is done, now or next."""

    state: str
    title: str
    when: str = ""
    moment: str = ""
    note: str = ""


def answer(journey: Journey, *, today_on: date) -> Answer:
    """Say when it arrives, in the first line."""
    order = journey.order
    if order.status == Order.Status.CANCELLED:
        return _over(journey)
    if order.delivered_at:
        return _arrived(journey, order.delivered_at)
    now = words.days(journey.last.deliver_from_on, journey.last.deliver_by_on)
    if journey.delay and journey.last.deliver_by_on > journey.first.deliver_by_on:
        return _later(journey, now)
    if order.pickup:
        return _to_collect(journey, today_on)
    notes = tuple(filter(None, (words.comes(journey.order.window), _waiting_for(journey, today_on))))
    if any(parcel.carrier_status == Status.OUT_FOR_DELIVERY for parcel in journey.parcels):
        return Answer("promise", _("Arrives today, %(day)s") % {"day": words.day(today_on)}, notes)
    return Answer("promise", _("Arrives %(days)s") % {"days": now}, notes)


def _over(journey: Journey) -> Answer:
    """Say that nothing more comes, and why, when its parcel could not be delivered."""
    if not journey.came_back:
        return Answer("cancelled", _("This order is cancelled. Nothing more will be sent."))
    money = _("You have paid nothing, and need not pay.")
    if journey.order.payment.captured_minor:
        money = _("Everything you paid goes back to you, the delivery fee too.")
    day = _last([parcel.came_back_at for parcel in journey.came_back])
    came = _("It was not taken in, or the courier could not deliver it. It is here again since %(when)s.")
    notes = (came % {"when": words.moment(day, journey.zone)}, money) if day else (money,)
    return Answer("cancelled", _("Your parcel came back to us, so the order is closed."), notes)


def _to_collect(journey: Journey, today_on: date) -> Answer:
    """Say from when it can be collected, and where and when the counter is open."""
    place = ", ".join(settings.PICKUP_ADDRESS)
    where = _("You collect it at %(place)s, %(hours)s.") % {"place": place, "hours": _(settings.PICKUP_HOURS)}
    if journey.order.fulfilment_status == Order.Fulfilment.PACKED:
        return Answer("promise", _("Ready: you can collect it"), (where,))
    day = words.day(journey.last.deliver_from_on)
    return Answer("promise", _("Ready for you from %(day)s") % {"day": day}, (where, _waiting_for(journey, today_on)))


def _arrived(journey: Journey, moment: datetime) -> Answer:
    headline = _("Delivered on %(when)s") % {"when": words.moment(moment, journey.zone)}
    promised = words.days(journey.first.deliver_from_on, journey.first.deliver_by_on)
    if moment.astimezone(journey.zone).date() < journey.first.deliver_from_on:
        return Answer("delivered", headline, (_("Earlier than we promised, which was %(days)s.") % {"days": promised},))
    if moment < journey.first.breaks_at:
        return Answer("delivered", headline, (_("As promised: %(days)s.") % {"days": promised},))
    return Answer("delivered", headline, (_("We had promised %(days)s, and we are sorry.") % {"days": promised},))


def _later(journey: Journey, now: str) -> Answer:
    late_days = (journey.last.deliver_by_on - journey.first.deliver_by_on).days
    headline = _("%(count)s later than we hoped: arrives %(days)s") % {"count": words.day_count(late_days), "days": now}
    promised = words.days(journey.first.deliver_from_on, journey.first.deliver_by_on)
    return Answer(
        "delay",
        headline[:1].upper() + headline[1:],
        (
            _("We promised %(promised)s. Now it is %(now)s.") % {"promised": promised, "now": now},
            journey.last.reason,
            _("We watch your parcel every day and write to you before anything changes again."),
        ),
    )


def choice_words(journey: Journey, choices: Choices) -> dict[str, str]:
    """Say until when she chooses, until when things can be changed, and what she chose."""
    zone, told = journey.zone, {"decide_by": "", "leaves_by": "", "decided": ""}
    if choices.delay and choices.delay.decide_by_at:
        told["decide_by"] = words.moment(choices.delay.decide_by_at, zone)
    if choices.readdress_until:
        told["leaves_by"] = words.day(choices.readdress_until.astimezone(zone).date())
    if journey.delay and journey.delay.decided_at and journey.order.status == Order.Status.PLACED:
        told["decided"] = _DECIDED[DelayCase.Decision(journey.delay.decision)]()
    return told


_DECIDED = {
    DelayCase.Decision.KEEP: lambda: _("You wait for the new date. Thank you; we keep it for you."),
    DelayCase.Decision.SPLIT: lambda: _("You get what is ready now, and the rest as soon as it is there."),
    DelayCase.Decision.CHANGE: lambda: _("You changed where or when it comes."),
    DelayCase.Decision.SWAP: lambda: _("You get something else instead, as you chose."),
    DelayCase.Decision.CANCEL: lambda: _("You cancelled it."),
}


def _waiting_for(journey: Journey, today_on: date) -> str:
    order = journey.order
    if order.payment_status == Order.Paid.PENDING:
        return _("We are waiting for your bank transfer; your order leaves us once it is here.")
    if order.fulfilment_status == Order.Fulfilment.HANDED_OVER:
        return _("It is on its way. If anything changes, we write to you first.")
    by = words.day(journey.last.hand_over_by_at.astimezone(journey.zone).date())
    if order.pickup:
        return _("We write to you when it is ready.")
    if goods_on := _goods_on(journey, today_on):
        told = {"here": words.day(goods_on), "leaves": by}
        return _("It is on its way to us, here %(here)s, and leaves our workshop on %(leaves)s at the latest.") % told
    return _("It leaves our workshop on %(day)s at the latest.") % {"day": by}


def _goods_on(journey: Journey, today_on: date) -> date | None:
    """Return the day its goods come in while we wait for them, as the promise that holds was counted."""
    told = journey.last.basis.get("goods_on")
    if told is None or journey.order.fulfilment_status != Order.Fulfilment.OPEN:
        return None
    here_on = date.fromisoformat(told)
    return here_on if here_on >= today_on else None


def stages(journey: Journey, *, today_on: date) -> list[Stage]:
    """Return the five steps of the order, past ones with their real time, future ones with the day they are due.

    `today_on` is the destination's day: days of rest that are over are not told any more.
    """
    order, zone, parcels = journey.order, journey.zone, _slowest_first(journey)
    packed = _last([parcel.packed_at for parcel in parcels])
    gone = _last([parcel.handed_over_at for parcel in parcels])
    reached = [order.placed_at, packed, gone, None, order.delivered_at]
    planned = [
        "",
        _("by %(day)s") % {"day": words.day(journey.last.pack_by_at.astimezone(zone).date())},
        _("by %(day)s") % {"day": words.day(journey.last.hand_over_by_at.astimezone(zone).date())},
        "",
        words.days(journey.last.deliver_from_on, journey.last.deliver_by_on),
    ]
    current = _current(journey, packed, gone)
    titles = _titles(current, packing=_packing(journey, today_on))
    made = []
    for number, title in enumerate(titles):
        state = "done" if number < current else "now" if number == current else "next"
        note = _note(number, state, journey, today_on)
        made.append(_stage(state, title, reached[number], planned[number], note, journey))
    return made[: 1 if order.status == Order.Status.CANCELLED else None]


def _packing(journey: Journey, today_on: date) -> str:
    """Name the step of packing while we are at it, truly: nobody packs on a day of rest or before a transfer came."""
    if journey.order.payment_status == Order.Paid.PENDING:
        return _("We pack it when your transfer is here")
    if _goods_on(journey, today_on):
        return _("We pack it when everything is here")
    rests = today_on.isoformat() in _skipped(journey.last, ("start", "work"))
    return _("Next, we pack it") if rests else _("We are packing it")


def _titles(current: int, *, packing: str) -> list[str]:
    """Name the steps; the one we are at is something that goes on."""
    titles = [_("Ordered"), _("Packed"), _("Handed to the courier"), _("On its way"), _("At your door")]
    going_on = {1: packing, 2: _("Packed and waiting for the courier"), 4: _("Delivered")}
    return [going_on.get(number, title) if number == current else title for number, title in enumerate(titles)]


def _current(journey: Journey, packed: datetime | None, gone: datetime | None) -> int:
    if journey.order.status == Order.Status.CANCELLED:
        return 0
    if journey.order.delivered_at:
        return 4
    if gone:
        return 3
    return 2 if packed else 1


def _stage(state: str, title: str, reached_at: datetime | None, planned: str, note: str, journey: Journey) -> Stage:
    if reached_at:
        return Stage(
            state, title, words.moment(reached_at, journey.zone), reached_at.isoformat(timespec="seconds"), note
        )
    return Stage(state, title, planned, "", note)


def _note(number: int, state: str, journey: Journey, today_on: date) -> str:
    """Say what is behind a step: the last scan, or the days to come on which we rest."""
    if state == "done":
        return ""
    if number == 3:
        return " ".join(
            filter(None, [_last_scan(journey), _gap(journey.last, ("transit", "delay", "incident"), today_on)])
        )
    if number == 1:
        return _gap(journey.last, ("start", "work"), today_on)
    return _gap(journey.last, ("hand_over",), today_on) if number == 2 else ""


def _last_scan(journey: Journey) -> str:
    for parcel in _slowest_first(journey):
        for scan in parcel.tracking.all():
            told = {"what": words.scan(scan.status), "when": words.moment(scan.occurred_at, journey.zone)}
            return _("%(what)s, %(when)s.") % told
    return ""


def _skipped(promise: Promise, wanted: tuple[str, ...]) -> dict[str, str]:
    """Return the days, ISO, on which nobody works during some stages, each with its reason or nothing."""
    steps = [step for step in promise.basis.get("steps", []) if step["stage"] in wanted]
    return {on: reason for step in steps for on, reason in step.get("skipped", [])}


def _gap(promise: Promise, wanted: tuple[str, ...], today_on: date) -> str:
    to_come = sorted(pair for pair in _skipped(promise, wanted).items() if pair[0] >= today_on.isoformat())
    if not to_come:
        return ""
    if wanted[0] in _ROAD:
        return _("Nobody drives on %(days)s; the dates here count that.") % {"days": words.rests(to_come[:4])}
    if to_come[0][0] == today_on.isoformat():
        return _("Our workshop rests today, %(days)s; the dates here count that.") % {"days": words.rests(to_come[:4])}
    return _("Our workshop rests on %(days)s; the dates here count that.") % {"days": words.rests(to_come[:4])}


def _slowest_first(journey: Journey) -> list[Parcel]:
    """Return the parcels the promise is about, the one that is least far first."""
    far = [Parcel.Status.PLANNED, Parcel.Status.PACKED, Parcel.Status.HANDED_OVER, Parcel.Status.DELIVERED]
    promised = [parcel for parcel in journey.parcels if not parcel.due_at]
    return sorted(promised, key=lambda parcel: (far.index(Parcel.Status(parcel.status)), parcel.number))


def _last(moments: list[datetime | None]) -> datetime | None:
    """Return the latest moment once all are known; a stage is reached when every parcel has reached it."""
    known = [moment for moment in moments if moment]
    return max(known) if known and len(known) == len(moments) else None


def parcel_cards(journey: Journey) -> list[dict[str, Any]]:
    """Return what is inside each parcel, where it is, and who carries it under which number."""
    return [_parcel_card(parcel, len(journey.parcels), journey) for parcel in journey.parcels]


def _parcel_card(parcel: Parcel, total: int, journey: Journey) -> dict[str, Any]:
    title = _("Your parcel") if total == 1 else _("Parcel %(n)d of %(total)d") % {"n": parcel.number, "total": total}
    inside = parcel.lines.all()
    return {
        "title": title,
        "where": _where(parcel, journey),
        "own_days": _own_days(parcel, journey),
        "said_before": _said_before(parcel, journey),
        "carrier": carrier_name(parcel.carrier),
        "tracking_number": parcel.tracking_number,
        "is_exchange": bool(parcel.due_at),
        "lines": [{"line": row.line, "quantity": row.quantity} for row in inside],
        "scans": [
            {
                "what": words.scan(scan.status),
                "when": words.moment(scan.occurred_at, journey.zone),
                "moment": scan.occurred_at.isoformat(timespec="seconds"),
                "place": scan.place,
            }
            for scan in parcel.tracking.all()
        ],
    }


def _own_days(parcel: Parcel, journey: Journey) -> str:
    """Say when a parcel comes that comes on days of its own; nothing once it is there."""
    plan = journey.plans.get(parcel.pk)
    if plan is None or parcel.delivered_at:
        return ""
    told = {"days": words.days(plan.deliver_from_on, plan.deliver_by_on)}
    return (_("Your exchange arrives %(days)s.") if parcel.due_at else _("This parcel arrives %(days)s.")) % told


def _said_before(parcel: Parcel, journey: Journey) -> str:
    """Say on which days a parcel with days of its own was to come at first, and why it comes later."""
    now, first = journey.plans.get(parcel.pk), journey.said_first.get(parcel.pk)
    if now is None or first is None or parcel.delivered_at or now.deliver_by_on <= first.deliver_by_on:
        return ""
    told = {"days": words.days(first.deliver_from_on, first.deliver_by_on), "why": now.reason}
    return _("We had said %(days)s. %(why)s") % told


def _where(parcel: Parcel, journey: Journey) -> str:
    zone = journey.zone
    if parcel.delivered_at:
        return _("Delivered on %(when)s.") % {"when": words.moment(parcel.delivered_at, zone)}
    if parcel.handed_over_at:
        return _("On its way since %(when)s.") % {"when": words.moment(parcel.handed_over_at, zone)}
    plan = journey.plans.get(parcel.pk)
    due_at = plan.hand_over_by_at if plan else parcel.due_at or journey.last.hand_over_by_at
    by = words.day(due_at.astimezone(zone).date())
    if parcel.packed_at:
        return _("Packed; the courier takes it on %(day)s at the latest.") % {"day": by}
    return _("Not packed yet; it leaves us on %(day)s at the latest.") % {"day": by}


def why(journey: Journey) -> list[str]:
    """Return the stored steps of every promise in sentences: why this date, and why the next one."""
    return [sentence for promise in journey.promises for sentence in why_one(promise, journey.zone)]


def why_one(promise: Promise, zone: ZoneInfo) -> list[str]:
    """Return the stored steps of one promise in sentences, after why it was looked at again."""
    told: list[str] = []
    if promise.version > 1:
        told.append(
            _("On %(when)s we looked again: %(reason)s")
            % {"when": words.moment(promise.made_at, zone), "reason": promise.reason}
        )
    return told + [_step(step, promise) for step in promise.basis.get("steps", [])]


def _learned(table: dict[str, int]) -> str:
    """Say on what the days rest: how many of a hundred are there by then, and of how many parcels we know it."""
    told = {"kept": f"{table['target_bp'] / 100:g}", "parcels": table["parcels"]}
    sentence = _("%(kept)s of 100 parcels on this way are there by then; we know it from %(parcels)d of them.") % told
    if table.get("asked_bp", 0) <= table["target_bp"]:
        return sentence
    more = _("Few promises on this way have been proven lately, so there is a little more time in it.")
    return f"{sentence} {more}"


def _surely(basis: dict[str, Any], told: dict[str, str]) -> str:
    """Say how sure a day is that was told anew."""
    kept = {"kept": f"{basis['renewed_bp'] / 100:g}"}
    return _(
        "It should be with you by %(last)s: %(kept)s of 100 parcels that were as late as yours were there by then."
    ) % (told | kept)


def _step(step: dict[str, Any], promise: Promise) -> str:
    first, last = date.fromisoformat(step["first_on"]), date.fromisoformat(step["last_on"])
    told = {"first": words.day(first), "last": words.day(last), "days": words.days(first, last)}
    started = _("You ordered on %(first)s, and we start the same day.")
    sentences = {
        "goods": _("What you ordered was on its way to us, to be here on %(last)s."),
        "start": started if first == last else _("You ordered on %(first)s, and we start on %(last)s."),
        "work": _("We make it ready: %(days)s."),
        "hand_over": _("The courier takes it on %(last)s."),
        "transit": _("It travels and is with you by %(last)s."),
        "delay": _("It should be with you by %(last)s; one working day more is in there, to be safe."),
        "incident": _("What happened out there makes the way longer, so it comes by %(last)s."),
        "wish": _("You asked for another day, so it comes by %(last)s."),
    }
    skipped = words.rests(step.get("skipped", []))
    sentence = sentences.get(step["stage"], "%(days)s") % told
    if step["stage"] == "delay" and "renewed_bp" in promise.basis:
        sentence = _surely(promise.basis, told)
    table = promise.basis.get("table", {})
    if step["stage"] == "transit" and table.get("parcels", 0) >= ENOUGH:  # a few prove nothing
        sentence = f"{sentence} {_learned(table)}"
    if not skipped:
        return sentence
    rest = _("Nobody drives on %(days)s.") if step["stage"] in _ROAD else _("Our workshop rests on %(days)s.")
    return f"{sentence} {rest % {'days': skipped}}"
