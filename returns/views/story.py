"""The story of one return: what happened, what comes next and by when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.models import RefundGrant
from returns.models import CaseLine, ReturnCase
from returns.queries.lines import shop_day
from returns.rules import policy
from returns.views import words
from shop.messages import moments
from shop.rules import wording

Step = dict[str, Any]
Status = ReturnCase.Status


def headline(case: ReturnCase) -> str:
    """Return in one sentence where a return stands."""
    return {
        Status.REQUESTED: _("We have your request"),
        Status.APPROVED: _("Agreed: send it to us"),
        Status.RECEIVED: _("Your parcel is with us"),
        Status.SETTLED: _("Settled"),
        Status.DECLINED: _("We cannot take it back"),
        Status.WITHDRAWN: _("You are keeping it"),
    }[Status(case.status)]


def lead(case: ReturnCase) -> str:
    """Return the sentence that says what comes next and who does it."""
    if case.status == Status.SETTLED and case.refund_minor:
        sentence = _("%(sum)s goes %(way)s.")
        return sentence % {"sum": words.money(case.refund_minor, case.order), "way": words.refund_way(case.order)}
    return {
        Status.REQUESTED: _("We answer you %(by)s. You need do nothing until then.") % {"by": _by(case)},
        Status.APPROVED: _("Please post it %(by)s.") % {"by": _on(send_by(case))},
        Status.RECEIVED: _("We settle it %(by)s and write to you.") % {"by": _by(case)},
        Status.SETTLED: _("Nothing is left to do. Thank you for sending it back."),
        Status.DECLINED: case.decline_reason,
        Status.WITHDRAWN: _("Nobody waits for a parcel any more. While the window is open you can ask again."),
    }[Status(case.status)]


def send_by(case: ReturnCase) -> date | None:
    """Return the day by which she should post it: fourteen days after we agreed (Directive 2011/83/EU art. 14)."""
    return shop_day(case.decided_at) + timedelta(days=policy.LAWFUL_DAYS) if case.decided_at else None


def steps(case: ReturnCase, grant: RefundGrant | None) -> list[Step]:
    """Return the timeline as templates/components/timeline.html prints it; later steps carry the day we named."""
    told = [_done(_("You asked to send it back"), case.requested_at)]
    if case.status == Status.WITHDRAWN:
        return [*told, _done(_("You decided to keep it"), case.withdrawn_at)]
    if case.status == Status.DECLINED:
        return [*told, _done(_("We declined"), case.decided_at, case.decline_reason)]
    told.append(_done(_("We agreed"), case.decided_at) if case.decided_at else _now(_("We answer you"), _by(case)))
    told.append(_arrival(case))
    told.append(_settled(case))
    if case.refund_minor:
        told.append(_paid_out(case, grant))
    return told


def _arrival(case: ReturnCase) -> Step:
    if case.received_at:
        return _done(_("Your parcel came, and we looked at every piece"), case.received_at)
    waiting = case.status == Status.APPROVED
    return {"state": "now" if waiting else "next", "title": _("Your parcel reaches us"), "when": ""}


def _settled(case: ReturnCase) -> Step:
    if case.settled_at:
        return _done(_("Everything is settled"), case.settled_at)
    title = _("We settle it: money back, or what you get in exchange")
    if case.received_at:
        return _now(title, _by(case))
    return {"state": "next", "title": title, "when": _settle_words()}


def _settle_words() -> str:
    return _("within %(days)d working days after it reaches us") % {"days": policy.SETTLE_WORKING_DAYS}


def _paid_out(case: ReturnCase, grant: RefundGrant | None) -> Step:
    amount = words.money(case.refund_minor, case.order)
    way = words.refund_way(case.order)
    if grant and grant.sent_at:
        return _done(_("%(amount)s sent %(way)s") % {"amount": amount, "way": way}, grant.sent_at)
    return _now(_("%(amount)s on its way %(way)s") % {"amount": amount, "way": way}, "")


def line_rows(case: ReturnCase) -> list[dict[str, Any]]:
    """Return the lines of a case in words: pieces, reason, what was wanted and what was granted."""
    return [
        {
            "line": line.order_line,
            "pieces": words.pieces(line.quantity),
            "reason": _(line.reason.label),
            "detail": line.detail,
            "outcome": _outcome(case, line),
            "found": _found(line),
        }
        for line in case.lines.all()
    ]


def _outcome(case: ReturnCase, line: CaseLine) -> str:
    if line.exchange_line:
        piece = line.exchange_line.options_label or line.order_line.title
        return _("%(piece)s comes to you in exchange") % {"piece": piece}
    if line.granted == CaseLine.Resolution.REFUND and line.wanted == CaseLine.Resolution.EXCHANGE:
        return _("Money back, because the piece you wanted is sold out")
    if line.wanted == CaseLine.Resolution.EXCHANGE and line.exchange_variant:
        return _("Exchange for %(piece)s") % {"piece": line.exchange_variant.label or line.order_line.title}
    if line.amount_minor:
        return _("Money back: %(amount)s") % {"amount": words.money(line.amount_minor, case.order)}
    return _("Money back")


def _found(line: CaseLine) -> str:
    """Return what differs between what was announced and what came; empty when nothing does."""
    inspection = getattr(line, "inspection", None)
    if inspection is None or inspection.quantity == line.quantity:
        return ""
    if inspection.quantity == 0:
        return _("It was not in the parcel.")
    return _("%(came)s came.") % {"came": words.pieces(inspection.quantity)}


def _by(case: ReturnCase) -> str:
    return _on(case.due_on)


def _on(day: date | None) -> str:
    return _("by %(day)s") % {"day": wording.day(day, get_language() or "en")} if day else ""


def _done(title: str, moment: datetime | None, note: str = "") -> Step:
    when = moments.moment(timezone.localtime(moment, timezone.get_default_timezone())) if moment else ""
    return {
        "state": "done",
        "title": title,
        "when": when,
        "moment": moment.isoformat(timespec="seconds") if moment else "",
        "note": note,
    }


def _now(title: str, when: str) -> Step:
    return {"state": "now", "title": title, "when": when}
