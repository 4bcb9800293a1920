"""Who may do what: one group for each role, with the rights it needs and no more.

`app.view_model` opens a list; the right to change a machine-written row (`shop.change_stocklevel`,
`shop.change_inbound`) means its buttons, since nobody edits such a row in a form.  Superusers set the shop up and do
no daily work.  Source: reliability reference S2.
"""

from __future__ import annotations

from collections.abc import Iterable


def _view(app: str, *models: str) -> frozenset[str]:
    return frozenset(f"{app}.view_{model}" for model in models)


def _edit(app: str, *models: str) -> frozenset[str]:
    return frozenset(f"{app}.{act}_{model}" for model in models for act in ("view", "add", "change"))


def _own(app: str, *models: str) -> frozenset[str]:
    return _edit(app, *models) | {f"{app}.delete_{model}" for model in models}


_SHELVES = (
    "category",
    "product",
    "variant",
    "productimage",
    "optiontype",
    "optionvalue",
    "material",
    "fibreshare",
    "pairing",
    "photomodel",
)
_MEASURES = ("sizeguide", "sizeguiderow", "sizename", "measurementdefinition", "variantmeasurement")
_VOICES = ("review", "reviewphoto", "fitvote", "fitalarm", "voices")
_CALENDARS = ("businesscalendar", "openinginterval", "weekdaycutoff", "calendarexception")
_STOCK = ("stocklevel", "stockmovement", "stocklocation", "stockarrival", "stockcount")
_MACHINE = ("event", "eventdelivery", "inbound", "heartbeat")
_DELIVERY = ("workshop", "servicelevel", "taxrate")
_ORDERS = (
    "order",
    "orderline",
    "promise",
    "promiseoutcome",
    "delaycase",
    "parcel",
    "parcelline",
    "trackingevent",
    "unavailability",
    "incident",
    "incidentversion",
    "incidentnotice",
    "arrivalquestion",
    "stuckparcel",
)
_PROMOTIONS = ("promotion", "voucher", "redemption")
_MONEY = ("payment", "paymentevent", "refundgrant", "refunditem", "storecredit", "creditentry", "bankline", "document")
_RETURNS = ("returnreason", "returncase", "caseline", "inspection", "withdrawal")
_SUPPORT = ("slapolicy", "conversation", "message", "noreplyneeded", "fault", "gesture")
_GESTURES = ("gesturepolicy", "gesturebudget")
_NOTICES = ("message", "attempt", "suppression", "newsconsent")
_CAMPAIGNS = ("customergroup", "campaign")

_SEE_CATALOGUE = _view("shop", *_SHELVES, *_MEASURES, *_VOICES, "priceinterval", "reduction")
_SEE_STOCK = _view("shop", *_STOCK)
_SEE_ORDERS = _view("orders", *_ORDERS, *_DELIVERY)
_SEE_NOTICES = _view("notifications", *_NOTICES)
_SEE_CUSTOMERS = (
    _view("shop", "stockalert", "productquestion")
    | _SEE_ORDERS
    | _view("orders", *_MONEY, *_PROMOTIONS)
    | _view("orders", "orderdraft")
    | _view("returns", *_RETURNS)
    | _view("support", *_SUPPORT, *_GESTURES)
    | _SEE_NOTICES
)

AGENT = (
    _SEE_CATALOGUE
    | _SEE_STOCK
    | _SEE_CUSTOMERS
    | _view("shop", "event", *_CALENDARS)
    | {
        "orders.view_cart",
        "orders.cancel_order",
        "orders.change_pieces",
        "orders.write_note",
        "orders.add_orderdraft",
        "orders.change_unavailability",
        "orders.change_stuckparcel",
        "orders.note_scan",
        "returns.decide_return",
        "notifications.resend_message",
        "notifications.test_message",
        "shop.moderate_review",
        "shop.publish_productquestion",
    }
    | {"support.answer_conversation", "support.waive_answer", "support.close_conversation", "orders.note_decision"}
    | {"support.change_fault"}
)

ROLES: dict[str, frozenset[str]] = {
    "agent": AGENT,
    "lead": AGENT
    | _edit("shop", "user")
    | _view("shop", "datarequest")
    | _view("shop", "inbound", "eventdelivery")
    | _view("auth", "group")
    | _own("shop", *_CALENDARS[1:])
    | _edit("returns", "returnreason")
    | {"shop.change_businesscalendar", "orders.change_servicelevel", "orders.change_workshop"}
    | {
        "orders.note_payment",
        "orders.grant_refund",
        "orders.issue_credit",
        "orders.settle_refund",
        "orders.approve_refund",
        "orders.add_taxrate",
        "orders.correct_document",
    }
    | _edit("orders", "promotion", "incident")
    | {"orders.create_vouchers", "orders.declare_incident", "orders.view_board"}
    | {"support.assign_conversation", "support.change_slapolicy", "shop.take_down_productquestion"}
    | _edit("support", *_GESTURES)
    | _edit("notifications", *_CAMPAIGNS)
    | {"notifications.write_wording", "notifications.lift_suppression", "notifications.start_campaign"},
    "warehouse": _SEE_CATALOGUE
    | _SEE_STOCK
    | _SEE_ORDERS
    | _view("shop", *_CALENDARS)
    | _view("returns", *_RETURNS)
    | _edit("shop", "stockarrival")
    | {"shop.change_stocklevel", "shop.add_stockcount", "shop.book_stockcount", "orders.take_promised"}
    | {
        "orders.pack_parcel",
        "orders.hand_over_parcel",
        "orders.note_scan",
        "orders.take_parcel_back",
        "orders.write_note",
        "orders.change_stuckparcel",
        "returns.receive_return",
    },
    "catalogue": _own("shop", *_SHELVES, *_MEASURES)
    | _SEE_STOCK
    | _view("shop", *_VOICES, "priceinterval", "productquestion")
    | _edit("shop", "reduction")
    | {"shop.publish_productquestion", "shop.take_down_productquestion"}
    | {"shop.add_stocklevel", "shop.moderate_review", "shop.close_fitalarm", "shop.announce_reduction"},
    "ops": _view("shop", *_MACHINE, *_CALENDARS)
    | _SEE_CATALOGUE
    | _SEE_STOCK
    | _SEE_ORDERS
    | _SEE_NOTICES
    | {"shop.change_eventdelivery", "shop.change_inbound", "notifications.resend_message", "orders.view_board"},
    "auditor": _SEE_CATALOGUE
    | _SEE_STOCK
    | _SEE_CUSTOMERS
    | _view("notifications", *_CAMPAIGNS)
    | _view("shop", "user", "datarequest", *_MACHINE, *_CALENDARS)
    | _view("auth", "group")
    | {"orders.view_board"},
}

# A lead fills her own team; who runs the machines and who audits them is decided by a superuser.
_GRANTS: dict[str, frozenset[str]] = {"lead": frozenset({"agent", "warehouse", "catalogue"})}


def grantable(held: Iterable[str]) -> frozenset[str]:
    """Return the roles that somebody who holds `held` may give to others or take from them."""
    return frozenset[str]().union(*(_GRANTS.get(role, frozenset()) for role in held))
