"""Missing pieces in words: why, and what was chosen."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.messages import words
from orders.models import ParcelPlan, Promise, Unavailability

_Cause, _Choice = Unavailability.Cause, Unavailability.Choice

CAUSES = {
    _Cause.COUNTED: gettext_lazy("When we counted our shelves, it was not there."),
    _Cause.DAMAGED: gettext_lazy("It was damaged, and we only send what is whole."),
    _Cause.PICKED: gettext_lazy("When we packed your order, it was not on its shelf."),
    _Cause.ARRIVAL: gettext_lazy("The next ones come later than we told you, or not at all."),
}


def piece_of(case: Unavailability) -> str:
    """Name what is missing."""
    line = case.line
    return ", ".join(filter(None, [line.title, line.options_label]))


def chosen_sentence(case: Unavailability) -> str:
    """Say what she chose and what comes of it.  At most two queries."""
    told = {"piece": piece_of(case)}
    if case.choice == _Choice.OTHER and case.instead:
        other = case.instead.options_label or case.instead.title
        return _("Instead of %(piece)s we send you %(other)s.") % (told | {"other": other})
    if case.choice == _Choice.LATER:
        return _("You wait for %(piece)s; it arrives %(days)s.") % (told | {"days": days_of(case)})
    if case.choice == _Choice.REST:
        return _("We leave out %(piece)s, and you do not pay for it.") % told
    return _("The order is cancelled.")


def days_of(case: Unavailability) -> str:
    """Return when the pieces somebody waits for arrive.  At most two queries."""
    plan = ParcelPlan.objects.filter(parcel=case.parcel).order_by("-version", "-id").first()
    said = plan or Promise.objects.filter(order=case.order).order_by("-version", "-id").first()
    return words.days(said.deliver_from_on, said.deliver_by_on) if said else ""
