"""What a typed code comes to, in a sentence: in the bag and at the checkout alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.forms import VoucherForm
from orders.models import Cart, StoreCredit, Voucher
from orders.operations import credit, vouchers
from orders.operations.codes import use_code
from orders.rules.promotions import Why
from orders.views.promotion_words import sentence
from shop.operations.limits import TooOften, spend
from shop.rules import wording
from shop.rules.money import Money
from shop.visitors import visitor

# Eighty random bits cannot be guessed; the limit keeps somebody from trying at our cost.
TRIES_PER_BAG, TRIES_PER_VISITOR, WINDOW = 15, 40, timedelta(hours=1)


@dataclass(frozen=True)
class Typed:
    """What became of a code: what it stands for, or a `problem` in a sentence.

    `status` is what to answer with, `text` what stands in the field again.
    """

    found: Voucher | StoreCredit | None = None
    problem: str = ""
    status: int = 200
    text: str = ""

    @property
    def said(self) -> str:
        """Return the good news in a sentence."""
        if isinstance(self.found, StoreCredit):
            there = Money(self.found.balance_minor, self.found.currency)
            said = _("There is %(amount)s on this code. The checkout takes what it reaches for off what you pay.")
            return said % {"amount": wording.money(there, get_language() or "en")}
        if self.found is None:
            return ""
        return _("Your voucher “%(name)s” is in the bag.") % {"name": self.found.promotion.name}


def take_code(request: HttpRequest, cart: Cart, *, at: datetime) -> Typed:
    """Use the code that was typed, within the limits of this bag and this visitor.  Raises BagClosed."""
    text = request.POST.get("code", "")[:60]
    form = VoucherForm(request.POST)
    if not form.is_valid():
        return Typed(
            problem=_("Type the code of your voucher or your credit, like 7K2M-Q0XR-9D4T-HW3B."), status=422, text=text
        )
    try:
        spend(purpose="voucher-bag", who=str(cart.pk), budget=TRIES_PER_BAG, window=WINDOW, at=at)
        spend(purpose="voucher-visitor", who=visitor(request), budget=TRIES_PER_VISITOR, window=WINDOW, at=at)
        return Typed(use_code(cart_id=cart.pk, code=form.cleaned_data["code"], at=at))
    except TooOften as often:
        told = {"time": f"{timezone.localtime(often.retry_at):%H:%M}"}
        said = _("Those were many codes. Your bag is as it was; try again at %(time)s, or write to us.") % told
        return Typed(problem=said, status=429, text=text)
    except credit.UnknownCode:
        said = _("We do not know this code. Look at it once more: it has sixteen signs.")
        return Typed(problem=said, status=422, text=text)
    except credit.NothingLeft:
        said = _("Nothing is left on this code: it was spent, or its time has run out.")
        return Typed(problem=said, status=409, text=text)
    except credit.OtherCurrency as other:
        said = _("This code holds %(currency)s, and here you pay in another currency. Write to us, and we find a way.")
        return Typed(problem=said % {"currency": other.currency}, status=409, text=text)
    except vouchers.CodeRefused as refusal:
        return Typed(problem=_refused(refusal), status=409, text=text)
    except vouchers.TooManyVouchers:
        said = _("A bag holds %(most)d vouchers. Take one out first.") % {"most": vouchers.MOST_IN_A_BAG}
        return Typed(problem=said, status=409, text=text)


def _refused(refusal: vouchers.CodeRefused) -> str:
    why = _("It has been used already.") if refusal.why == Why.USED_UP else sentence(refusal.why)
    return f"{refusal.voucher.promotion.name}: {why}"
