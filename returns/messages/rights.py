"""The right of withdrawal in words: what the law wants told, and the form for who prefers paper.

In our own words, with the facts of Annex I of Directive 2011/83/EU; who we are comes from the settings.  A shop lets a
lawyer read them before it opens.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from returns.rules.policy import LAWFUL_DAYS, REFUND_WITHIN_DAYS


def instructions() -> tuple[str, ...]:
    """Return what she must know of her right, a paragraph each."""
    facts = {
        "days": LAWFUL_DAYS,
        "back": REFUND_WITHIN_DAYS,
        "we": we(),
        "phone": settings.CARE_PHONE,
        "email": settings.CARE_EMAIL,
        "address": ", ".join(settings.RETURN_ADDRESS),
    }
    return (
        _(
            "You may withdraw from this contract within %(days)d days without giving any reason. The days end "
            "%(days)d days after you, or somebody you named who is not the courier, have the last piece of your "
            "order."
        )
        % facts,
        _(
            "To withdraw, tell us so clearly: with the button “Withdraw from contract” on our pages, by mail, by "
            "letter or by phone: %(we)s, %(phone)s, %(email)s. You may use the form below, and you need not. Of "
            "what you send by the button we confirm by mail at once that it came, with date and time."
        )
        % facts,
        _("It is in time when you send it before the days are over."),
        _(
            "We then give back everything you paid, with what our cheapest delivery costs, at the latest %(back)d "
            "days after your statement reached us, the way you paid and free of charge. We may wait until we have "
            "the goods back or you show that you sent them, whichever is earlier."
        )
        % facts,
        _(
            "Send the goods back within %(days)d days of your statement, to: %(address)s. You pay the way back, "
            "unless we said that we do. You pay for a loss in value only where it comes from handling them in a "
            "way that was not needed to look at them as you could in a shop."
        )
        % facts,
        _(
            "There is no such right for pieces made to your own specification, and for sealed goods that cannot "
            "be taken back for reasons of hygiene once their seal was opened."
        ),
    )


def model_form() -> tuple[str, ...]:
    """Return the lines of the form; fill it in only if you want to withdraw."""
    return (
        _("To: %(we)s, %(email)s") % {"we": we(), "email": settings.CARE_EMAIL},
        _("I/We (*) hereby withdraw from my/our (*) contract about these goods:"),
        _("Ordered on (*) / received on (*):"),
        _("Name:"),
        _("Address:"),
        _("Date, and signature if this is on paper:"),
        _("(*) Cross out what does not apply."),
    )


def we() -> str:
    """Return name and address of the shop on one line."""
    return ", ".join((settings.SHOP_LEGAL_NAME, *settings.SHOP_ADDRESS))
