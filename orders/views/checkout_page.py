"""The checkout's page: what is offered, what is chosen, and what was shown, signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.forms import WEEKDAYS, CheckoutForm
from orders.gateways.payments import offered
from orders.messages import words
from orders.models import Cart, OrderDraft, Payment, Sending, ServiceLevel, StoreCredit
from orders.queries.bag import BagLine, agreed_delivery, holder_of, ordered_lines
from orders.queries.credit import purse_of
from orders.queries.crises import concerned
from orders.queries.mine import prefill_for
from orders.queries.offers import Asked, NotServed, Offer, offers, tax_rates
from orders.queries.promotions import chances_of
from orders.queries.quotes import Timetable, timetable
from orders.rules.checkout import ANYWAY, WAIT
from orders.rules.guard import pack
from orders.rules.hours import split_choice
from orders.rules.incident import Where
from orders.rules.payment import STORE_CREDIT, split
from orders.rules.promotions import customer_key
from orders.views.checkout_words import Notice
from orders.views.codes import Typed
from orders.views.country import chosen_country, country_choices
from orders.views.promotion_words import applied_rows, refused_rows
from shop.models import User
from shop.operations import stock
from shop.queries.stock import held_until
from shop.rules import wording
from shop.rules.money import Money
from shop.visitors import shopper

SALT = "orders.checkout.shown"
SHOWN_FOR_SECONDS = 24 * 3600
CARD_FIELDS = ("card_number", "card_expiry", "card_cvc")


def open_shown(text: str) -> dict[str, list[int | str]] | None:
    """Return what a page showed; None when the field is not ours or older than a day."""
    try:
        packed = signing.loads(text, salt=SALT, max_age=SHOWN_FOR_SECONDS)
    except signing.BadSignature:
        return None
    return packed if isinstance(packed, dict) else None


def _where(country: str, lines: Sequence[BagLine], data: Mapping[str, Any]) -> Where:
    """Return what is known of where it goes; what was not typed yet is not known."""
    products = frozenset(line.product.pk for line in lines)
    return Where(country, data.get("postcode") or None, data.get("region") or None, products)


@dataclass(frozen=True)
class CheckoutPage:
    """One view of the checkout at one moment.  `data` is what was posted, empty at the first visit."""

    request: HttpRequest
    cart: Cart
    lines: list[BagLine]
    at: datetime
    countries: list[tuple[str, str]]
    country: str
    table: Timetable
    data: Mapping[str, Any] = field(default_factory=dict)
    draft: OrderDraft | None = None
    token: str = ""

    @classmethod
    def read(
        cls,
        request: HttpRequest,
        *,
        cart: Cart,
        lines: list[BagLine],
        at: datetime,
        draft: OrderDraft | None = None,
        token: str = "",
    ) -> CheckoutPage:
        """Read everything the page needs for the country that was chosen.  Five queries.

        `draft` is what staff put together for her, and `token` its link: the page begins with what it says.
        """
        countries = country_choices()
        data = request.POST or (draft.details if draft else {})
        asked = data.get("country") or chosen_country(request)
        known = [code for code, _name in countries]
        fallback = settings.SHOP_COUNTRY if settings.SHOP_COUNTRY in known else next(iter(known), "")
        country = asked if asked in known else fallback
        where = _where(country, lines, data)
        table = timetable(country, at=at, where=where)
        return cls(request, cart, lines, at, countries, country, table, data, draft, token)

    @property
    def address(self) -> str:
        """Return where the page's form goes."""
        return reverse("orders:draft", args=[self.token]) if self.draft else reverse("orders:checkout")

    @property
    def home(self) -> str:
        """Return where she goes when there is nothing (more) to order here."""
        return self.address if self.draft else reverse("orders:bag")

    @property
    def holds_for(self) -> timedelta:
        """Return how long its pieces are held."""
        return self.draft.expires_at - self.at if self.draft else stock.LIFETIME

    def again(self) -> CheckoutPage:
        """Read bag and dates afresh, after something turned out to be different."""
        at = timezone.now()
        lines = ordered_lines(self.cart)
        table = timetable(self.country, at=at, where=_where(self.country, lines, self.data))
        return replace(self, lines=lines, at=at, table=table)

    @property
    def currency(self) -> str:
        """Return the currency of the sums."""
        return self.table.services[0].currency if self.table.services else settings.SHOP_CURRENCY

    @cached_property
    def credit_minor(self) -> int:
        """Return what there is to spend: what a code opened, else hers.  Two queries, none for a guest without."""
        return self._purse.balance_minor if self._purse else 0

    @cached_property
    def _purse(self) -> StoreCredit | None:
        return purse_of(shopper(self.request), currency=self.currency, opened_id=self.cart.credit_id)

    @property
    def _by_code(self) -> StoreCredit | None:
        """Return the account a code opened, even when nothing is left in it."""
        if self._purse and self._purse.pk == self.cart.credit_id:
            return self._purse
        return self.cart.credit if self.cart.credit_id else None

    def paying_with_credit(self) -> CheckoutPage:
        """Return this page with its store credit used: for all of it where it is enough, else for a part."""
        found, chosen = dict(self.data.items()), self.chosen
        whole = {one.choice for one in self.offers if one.provider == STORE_CREDIT}
        if chosen and chosen.choice in whole:
            found["payment"] = STORE_CREDIT
        return replace(self, data={**found, "use_credit": "on"})

    @cached_property
    def offers(self) -> list[Offer]:
        """Return what can be had, for the days she is at home; with store credit where that pays for all of it."""
        ways = (*offered(), STORE_CREDIT) if self.credit_minor else offered()
        try:
            found = offers(
                table=self.table,
                providers=ways,
                lines=self.lines,
                rates=tax_rates(self.country, on=timezone.localdate(self.at)),
                asked=self._asked(),
            )
        except NotServed:
            return []
        return [one for one in found if one.provider != STORE_CREDIT or one.totals.total_minor <= self.credit_minor]

    @property
    def _ways(self) -> list[str]:
        """Return the ways to pay in page order; store credit last, and only where it pays for all of something."""
        return [*offered(), *({STORE_CREDIT} & {one.provider for one in self.offers})]

    @property
    def _reaches_for_part(self) -> bool:
        """Tell whether her store credit pays for a part of something."""
        return 0 < self.credit_minor < max((one.totals.total_minor for one in self.offers), default=0)

    def _asked(self) -> Asked:
        email = str(self.data.get("email", ""))
        key = customer_key(email) if email.strip() else ""
        return Asked(
            home_weekdays=self._home_weekdays(),
            as_ready=self.cart.sending == Sending.AS_READY,
            chances=tuple(chances_of(self.cart, customer_key=key, at=self.at)),
            agreed=agreed_delivery(self.cart),
        )

    def _home_weekdays(self) -> tuple[int, ...]:
        if self.data.get("when_nobody_home") == ANYWAY:
            return ()
        known = {value for value, _label in WEEKDAYS}
        ticked = self.request.POST.getlist("home_weekdays")
        return tuple(sorted({int(value) for value in ticked if value in known}))

    @property
    def chosen(self) -> Offer | None:
        """Return the offer whose radios are set: what she picked, else the default delivery and the first payment."""
        default = self.table.default()
        asked = str(self.data.get("service", ""))
        service = self.table.named(split_choice(asked)[0]) or default
        provider = self.data.get("payment") or (STORE_CREDIT if self.cart.credit_id else "")
        mine = [offer for offer in self.offers if offer.choice == asked]
        mine = mine or [o for o in self.offers if service and o.choice == service.code] or self.offers
        return next((offer for offer in mine if offer.provider == provider), next(iter(mine), None))

    def bound_form(self) -> CheckoutForm:
        """Return the form with what was posted, checked against what is offered."""
        return CheckoutForm(self.request.POST, **self._choices())

    def _choices(self) -> dict[str, Any]:
        services = {offer.choice: offer for offer in self.offers if offer.provider == self._provider()}
        labels = {str(value): str(label) for value, label in Payment.Provider.choices}
        return {
            "countries": self.countries,
            "country": self.country,
            "services": [(choice, _when(offer)) for choice, offer in services.items()],
            "pickups": frozenset(o.choice for o in self.offers if o.service.kind == ServiceLevel.Kind.PICKUP),
            "payments": [(provider, labels[provider].capitalize()) for provider in self._ways],
        }

    def _provider(self) -> str:
        return self.chosen.provider if self.chosen else ""

    def answer(
        self,
        *,
        form: CheckoutForm | None = None,
        notice: Notice | None = None,
        key: UUID | None = None,
        typed: Typed | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Render the page; what was typed stays, card fields excepted."""
        shown = form if form is not None and form.errors else CheckoutForm(initial=self._initial(), **self._choices())
        chosen = self.chosen
        context = {
            "form": shown,
            "problems": [*_problems(shown), *([("#id_code", typed.problem)] if typed and typed.problem else [])],
            "typed": typed,
            "by_code": self._by_code,
            "notice": notice,
            "lines": self.lines,
            "country": self.country,
            "currency": self.currency,
            "offers": self._numbered(),
            "chosen": chosen,
            "crises": concerned(self.table.crises, self.table.where, chosen.service, surely=False) if chosen else [],
            "waiting": bool(chosen and chosen.waiting),
            "prices": self._prices(),
            "by_service": self._notes(),
            "by_payment": _payment_notes(self.credit_minor, self.currency),
            "credit_minor": self.credit_minor if self._reaches_for_part else 0,
            "home_choices": _home_choices(chosen),
            "when_nobody_home": self._when_nobody_home(),
            "cart": self.cart,
            "draft": self.draft,
            "address": self.address,
            "counter": settings.PICKUP_ADDRESS,
            "hours": _(settings.PICKUP_HOURS),
            "refused": refused_rows(chosen.promotions, self.currency) if chosen else [],
            "held_until": held_until(holder_of(self.cart.pk)),
            "key": key or _key(self.data) or uuid4(),
            "shown": signing.dumps(
                pack({o.key: o.as_shown(credit_minor=self.credit_minor) for o in self.offers}), salt=SALT, compress=True
            ),
        }
        return render(self.request, "orders/checkout.html", context, status=status)

    def _when_nobody_home(self) -> str:
        """Return the answer that is ticked: hers, else to wait, for the sum beside it names that later day already."""
        answered = str(self.data.get("when_nobody_home", ""))
        return answered or (WAIT if self.chosen and self.chosen.waiting else "")

    def _initial(self) -> dict[str, Any]:
        values = {name: value for name, value in self.data.items() if name not in CARD_FIELDS}
        if not self.data and isinstance(self.request.user, User):
            values = {"email": self.request.user.email} | prefill_for(self.request.user.pk, country=self.country)
        values["home_weekdays"] = self.request.POST.getlist("home_weekdays")
        values["country"] = self.country
        if self.cart.credit_id and self.request.method != "POST":
            values["use_credit"] = True
        if self.chosen:
            values["service"], values["payment"] = self.chosen.choice, self.chosen.provider
        return values

    def _numbered(self) -> list[dict[str, Any]]:
        """Return every offer with the numbers of its two radios and whether it is the chosen one."""
        services = list(dict.fromkeys(offer.choice for offer in self.offers))
        payments = self._ways
        return [
            {
                "offer": offer,
                "paid": split(
                    total_minor=offer.totals.total_minor, balance_minor=self.credit_minor, provider=offer.provider
                ),
                "service_number": services.index(offer.choice),
                "payment_number": payments.index(offer.provider),
                "now": offer == self.chosen,
                "hours": words.hours(offer.window),
                "applied": applied_rows(offer.promotions, offer.service.currency),
                "gifts": [one.chance.name for one in offer.promotions.applied if one.chance.gift_variant_id],
                "first_payment": offer.provider == self._provider(),
            }
            for offer in self.offers
        ]

    def _prices(self) -> dict[str, str]:
        return {
            offer.choice: (
                wording.money(Money(offer.totals.delivery_minor, offer.service.currency), _locale())
                if offer.totals.delivery_minor
                else _("free")
            )
            for offer in self.offers
        }

    def _notes(self) -> dict[str, str]:
        """Return the small print of each delivery: its name, and the day by a payment that takes longer."""
        notes: dict[str, str] = {}
        shown = {offer.choice: offer for offer in self.offers if offer.provider == self._provider()}
        for code, offer in shown.items():
            others = {
                _days(other): other.provider
                for other in self.offers
                if other.choice == code and _days(other) != _days(offer)
            }
            said = [_paid_otherwise(provider, days) for days, provider in others.items()]
            notes[code] = " ".join([f"{_(offer.service.name)}.", *said])
        return notes


def _paid_otherwise(provider: str, days: str) -> str:
    if provider == Payment.Provider.BANK_TRANSFER:
        return _("Paid by bank transfer: %(days)s.") % {"days": days}
    return _("Paid by card or at the door: %(days)s.") % {"days": days}


def _payment_notes(credit_minor: int, currency: str) -> dict[str, str]:
    there = wording.money(Money(credit_minor, currency), _locale())
    return {
        STORE_CREDIT: _("You have %(amount)s with us; that is enough for all of it.") % {"amount": there},
        "test_card": _("A pretend card for trying the shop: no money moves."),
        "stripe": _("Visa, Mastercard and others. You pay on the safe page of Stripe; we never see your card."),
        "bank_transfer": _("We start when the money is here, usually on the next working day."),
        "cash_on_delivery": _("Pay the courier, or us when you collect it, in cash or by card."),
    }


def _home_choices(chosen: Offer | None) -> list[tuple[str, str]]:
    """Return the two ways out when nobody is at home in the range."""
    if chosen is None:
        return []
    plain = chosen.plain.estimate
    return [
        (
            WAIT,
            _("Bring it on %(day)s, when somebody is at home")
            % {"day": wording.day(chosen.estimate.deliver_by_on, _locale())},
        ),
        (
            ANYWAY,
            _("Bring it %(range)s anyway")
            % {"range": wording.day_range(plain.deliver_from_on, plain.deliver_by_on, _locale())},
        ),
    ]


def _when(offer: Offer) -> str:
    """Say the days of an offer, and its hours where it has any."""
    return f"{_days(offer)}, {words.hours(offer.window)}" if offer.window else _days(offer)


def _days(offer: Offer) -> str:
    days = offer.estimate
    if offer.service.kind == ServiceLevel.Kind.PICKUP:
        return _("Collect it from %(day)s on") % {"day": wording.day(days.deliver_from_on, _locale())}
    if offer.waiting:
        return _("%(day)s, the first day you are at home") % {"day": wording.day(days.deliver_by_on, _locale())}
    return wording.day_range(days.deliver_from_on, days.deliver_by_on, _locale())


def _problems(form: CheckoutForm) -> list[tuple[str, str]]:
    """Return (address of the field, sentence) for the summary; the page's own fields lead to its top."""
    found = []
    for name, errors in form.errors.items():
        hidden = name in form.fields and form.fields[name].widget.is_hidden
        target = "#main" if hidden or name == "__all__" else f"#id_{name}"
        found += [(target, str(error)) for error in errors]
    return found


def _key(data: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(data.get("key", "")))
    except ValueError:
        return None


def _locale() -> str:
    return get_language() or settings.LANGUAGE_CODE
