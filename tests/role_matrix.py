"""Who may open what: one row for every address of the site.

`tests/shop/test_role_matrix.py` walks every URL pattern of the project and fails on one that has no row here; its
message is a ready-made row.  Roles: anonymous, customer (Ana, logged in, with her own secret link), stranger (logged
in, with a link of his own, asking for Ana's things), agent, lead, warehouse, catalogue, ops, auditor.

Outcomes: allowed (2xx, or a redirect elsewhere), login (sent to the login page), forbidden (403), not found (404 or
410), method (405), refused (400, 401, 409, 413, 415, 422, 429).  An expectation is one outcome for everybody, or
{"roles separated by spaces": outcome, "*": everybody else}.  `None` for `post`: the page knows no POST of its own and
is not asked.  POST sends `data`, by default nothing; a form that refuses nothing has let the person through, so
"refused" counts as "allowed" there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from notifications.models import Message, Suppression
from notifications.models.tokens import STOP, WISHES, sign_name
from orders.models import (
    ArrivalQuestion,
    BankLine,
    Cart,
    Document,
    Order,
    OrderDraft,
    Redemption,
    SavedAddress,
    ServiceLevel,
    StoreCredit,
    StuckParcel,
    TaxRate,
    Unavailability,
    Voucher,
    Workshop,
)
from orders.operations.arrivals import link_of
from orders.operations.documents import issue_what_is_due, make_documents
from orders.operations.drafting import issue_draft_link, make_draft
from orders.operations.shortfalls import note_short_pick
from returns.models import ReturnCase, ReturnReason
from shop.models import (
    BusinessCalendar,
    Category,
    DataFile,
    DataRequest,
    Event,
    EventDelivery,
    Heartbeat,
    Inbound,
    Material,
    MeasurementDefinition,
    OptionType,
    OptionValue,
    PhotoModel,
    Product,
    ProductImage,
    Review,
    SizeGuide,
    StockArrival,
    StockCount,
    StockLevel,
    StockLocation,
    StockMovement,
    User,
    Variant,
)
from shop.operations import arrivals
from shop.queries.alerts import alert_token
from shop.rules.personal import digest
from shop.rules.pictures import file_of
from support.models import Conversation, Fault
from tests.factories.alerts import a_wait
from tests.factories.bags import voucher
from tests.factories.campaigns import a_draft_campaign
from tests.factories.catalogue import tee
from tests.factories.incidents import described
from tests.factories.news import a_question
from tests.factories.notifications import queued, refund, return_case, told
from tests.factories.orders import saved_address
from tests.factories.pictures import an_upload
from tests.factories.prices import a_reduction
from tests.factories.questions import a_published_question
from tests.factories.regret import a_fault, budget, policy
from tests.factories.returns import withdrawn
from tests.factories.shop import StaffFactory, VariantFactory
from tests.factories.support import asked
from tests.factories.voices import a_photo, a_vote, an_alarm, arrived_line, written

ANAS_ORDER = "KP-2041-7736"

ROLES = ("anonymous", "customer", "stranger", "agent", "lead", "warehouse", "catalogue", "ops", "auditor")
STAFF = ("agent", "lead", "warehouse", "catalogue", "ops", "auditor")

Outcome = str | Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """What GET and POST give to whom; `with_` fills the address (name of the argument -> value)."""

    get: Outcome = "allowed"
    post: Outcome | None = None
    with_: Callable[[], Mapping[str, Any]] = dict
    data: Mapping[str, Any] | None = None


def expected(outcome: Outcome, role: str) -> str:
    """Return what `role` gets."""
    if isinstance(outcome, str):
        return outcome
    for roles, what in outcome.items():
        if role in roles.split():
            return what
    return outcome["*"]


def staff_only(allowed: str) -> dict[str, str]:
    """Allow some roles; send the public to the login page and refuse the other staff."""
    others = " ".join(role for role in STAFF if role not in allowed.split())
    rows = {allowed: "allowed"} if allowed else {}
    return rows | ({others: "forbidden"} if others else {}) | {"*": "login"}


BY_LINK = {"stranger": "not found", "*": "allowed"}
BY_OWNER = {"stranger": "not found", "customer": "allowed", "*": "forbidden"}  # behind the link, and a code by mail
SIGNED_IN = {"anonymous": "login", "*": "allowed"}
HERS = {"anonymous": "login", "customer": "allowed", "*": "not found"}
WITH_SECOND_FACTOR = {"anonymous": "login", "*": "not found"}  # nobody in the matrix has one
ANY_STAFF = staff_only(" ".join(STAFF))


@dataclass(frozen=True)
class AdminRow:
    """One model of the admin: who sees the list and a row, who adds, changes and deletes, who presses which button.

    `row` returns a row to look at; `address` its key in the address.
    """

    row: Callable[[], Any]
    view: str = ""
    add: str = ""
    change: str = ""
    delete: str = ""
    buttons: Mapping[str, str] | None = None
    pages: Mapping[str, str] | None = None


SEE_SHELVES = "agent lead warehouse catalogue ops auditor"
SEE_ORDERS = "agent lead warehouse ops auditor"
SEE_CALENDARS = "agent lead warehouse ops auditor"


def person() -> User:
    """A shopper's account: what a lead may manage."""
    return User.objects.create_user("joana@example.com", name="Joana Reis")


ADMIN: dict[str, AdminRow] = {
    "auth.group": AdminRow(row=lambda: _group(), view="lead auditor"),
    "shop.user": AdminRow(row=person, view="lead auditor", add="lead", change="lead"),
    "shop.category": AdminRow(
        row=Category.objects.order_by("id").first,
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.product": AdminRow(
        row=Product.objects.order_by("id").first,
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.variant": AdminRow(
        row=Variant.objects.order_by("id").first,
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.material": AdminRow(
        row=lambda: Material.objects.get_or_create(code="linen", defaults={"name": "Linen"})[0],
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.photomodel": AdminRow(
        row=lambda: PhotoModel.objects.get_or_create(name="Ines", defaults={"height_mm": 1680})[0],
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.optiontype": AdminRow(
        row=lambda: OptionType.objects.get_or_create(code="glaze", defaults={"name": "Glaze"})[0],
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.optionvalue": AdminRow(
        row=lambda: _option_value(), view=SEE_SHELVES, add="catalogue", change="catalogue", delete="catalogue"
    ),
    "shop.sizeguide": AdminRow(
        row=lambda: SizeGuide.objects.create(code="tee", name="Tee"),
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.measurementdefinition": AdminRow(
        row=lambda: MeasurementDefinition.objects.create(code="chest", label="Chest", kind="body"),
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        delete="catalogue",
    ),
    "shop.stocklevel": AdminRow(
        row=StockLevel.objects.order_by("id").first,
        view=SEE_SHELVES,
        add="catalogue",
        buttons={
            **dict.fromkeys(("receive", "count", "quarantine", "put-back", "write-off", "move"), "warehouse"),
            **dict.fromkeys(("make-to-order", "sell-ahead", "only-what-is-there"), "catalogue"),
        },
    ),
    "shop.stockarrival": AdminRow(
        row=lambda: an_arrival(),
        view=SEE_SHELVES,
        add="warehouse",
        buttons={"arrived": "warehouse", "postpone": "warehouse", "call-off": "warehouse"},
    ),
    "shop.stockcount": AdminRow(
        row=lambda: a_count(),
        view=SEE_SHELVES,
        add="warehouse",
        buttons={"book": "warehouse", "drop": "warehouse"},
        pages={"sheet": "warehouse"},
    ),
    "shop.stocklocation": AdminRow(row=StockLocation.objects.order_by("id").first, view=SEE_SHELVES),
    "shop.stockmovement": AdminRow(row=StockMovement.objects.order_by("id").first, view=SEE_SHELVES),
    "shop.review": AdminRow(
        row=lambda: a_review(),
        view=SEE_SHELVES,
        buttons=dict.fromkeys(("publish", "answer", "decline", "reconsider"), "agent lead catalogue"),
    ),
    "shop.productquestion": AdminRow(
        row=lambda: a_published_question(at=timezone.now()),
        view="agent lead catalogue auditor",
        buttons={"publish": "agent lead catalogue", "take-down": "lead catalogue"},
    ),
    "shop.fitvote": AdminRow(row=lambda: a_vote(at=timezone.now()), view=SEE_SHELVES),
    "shop.datarequest": AdminRow(row=lambda: data_request("export", "R" * 43), view="lead auditor"),
    "shop.stockalert": AdminRow(row=lambda: a_wait(at=timezone.now()), view="agent lead auditor"),
    "shop.fitalarm": AdminRow(
        row=lambda: an_alarm(at=timezone.now()), view=SEE_SHELVES, buttons={"close": "catalogue"}
    ),
    "shop.reduction": AdminRow(
        row=lambda: a_reduction(at=timezone.now()),
        view=SEE_SHELVES,
        add="catalogue",
        change="catalogue",
        buttons=dict.fromkeys(("announce", "end"), "catalogue"),
    ),
    "shop.businesscalendar": AdminRow(
        row=BusinessCalendar.objects.order_by("id").first, view=SEE_CALENDARS, change="lead"
    ),
    "shop.event": AdminRow(row=lambda: _event(), view="agent lead ops auditor"),
    "shop.eventdelivery": AdminRow(
        row=lambda: EventDelivery.objects.create(event=_event(), consumer="tests.nobody", state="parked"),
        view="lead ops auditor",
        buttons={"replay": "ops"},
    ),
    "shop.inbound": AdminRow(
        row=lambda: Inbound.objects.create(source="tests", source_key="1", raw=b"hello", state="parked"),
        view="lead ops auditor",
        buttons={"replay": "ops", "set-aside": "ops"},
        pages={"raw": "lead ops auditor"},
    ),
    "orders.order": AdminRow(
        row=lambda: anas_order(),
        view=SEE_ORDERS,
        buttons={
            "payment": "lead",
            "waits": "agent lead",
            "note": "agent lead warehouse",
            "credit": "lead",
            "cancellation": "agent lead",
        },
        pages={"pieces": "agent lead", "delivery": "agent lead"},
    ),
    "orders.parcel": AdminRow(
        row=lambda: anas_order().parcels.get(),
        view=SEE_ORDERS,
        buttons={
            "made": "warehouse",
            "pack": "warehouse",
            "labelled": "warehouse",
            "hand-over": "warehouse",
            "collected": "warehouse",
            "note-scan": "agent lead warehouse",
            "take-back": "warehouse",
            "send-again": "warehouse",
        },
        pages={"split": "warehouse", "short": "warehouse", "label": "warehouse"},
    ),
    "orders.promotion": AdminRow(
        row=lambda: a_voucher().promotion,
        view="agent lead auditor",
        add="lead",
        change="lead",
        pages={"codes": "lead"},
    ),
    "orders.incident": AdminRow(
        row=lambda: described(at=timezone.now()),
        view=SEE_ORDERS,
        add="lead",
        change="lead",
        buttons={"declare": "lead", "news": "lead", "all-clear": "lead"},
    ),
    "orders.stuckparcel": AdminRow(
        row=lambda: a_stuck_parcel(), view=SEE_ORDERS, buttons={"looked-after": "agent lead warehouse"}
    ),
    "orders.voucher": AdminRow(row=lambda: a_voucher(), view="agent lead auditor", buttons={"void": "lead"}),
    "orders.redemption": AdminRow(row=lambda: a_redemption(), view="agent lead auditor"),
    "orders.orderdraft": AdminRow(
        row=lambda: a_draft(),
        view="agent lead auditor",
        add="agent lead",
        buttons={"send": "agent lead", "approval": "lead", "drop": "agent lead"},
    ),
    "orders.unavailability": AdminRow(
        row=lambda: a_missing_piece(),
        view=SEE_ORDERS,
        buttons=dict.fromkeys(("other", "later", "rest", "cancel"), "agent lead"),
    ),
    "orders.payment": AdminRow(row=lambda: anas_order().payment, view="agent lead auditor", buttons={"refund": "lead"}),
    "orders.refundgrant": AdminRow(
        row=lambda: refund(anas_order(), at=timezone.now()),
        view="agent lead auditor",
        buttons={"settled": "lead", "approval": "lead", "refusal": "lead"},
    ),
    "orders.storecredit": AdminRow(
        row=lambda: StoreCredit.objects.create(email="ana@example.com", currency="EUR"), view="agent lead auditor"
    ),
    "orders.document": AdminRow(
        row=lambda: an_invoice(),
        view="agent lead auditor",
        buttons={"correction": "lead"},
        pages={"pdf": "agent lead auditor"},
    ),
    "orders.bankline": AdminRow(
        row=lambda: BankLine.objects.create(
            key="1", booked_on="2026-03-03", amount_minor=1, currency="EUR", state="unknown", imported_at=timezone.now()
        ),
        view="agent lead auditor",
        buttons={"assign": "lead", "set-aside": "lead"},
    ),
    "orders.cart": AdminRow(
        row=lambda: Cart.objects.create(token_hash="tests", touched_at=timezone.now()), view="agent lead"
    ),
    "orders.workshop": AdminRow(row=Workshop.objects.order_by("id").first, view=SEE_ORDERS, change="lead"),
    "orders.servicelevel": AdminRow(row=ServiceLevel.objects.order_by("id").first, view=SEE_ORDERS, change="lead"),
    "orders.taxrate": AdminRow(row=TaxRate.objects.order_by("id").first, view=SEE_ORDERS, add="lead"),
    "returns.returncase": AdminRow(
        row=lambda: a_return(),
        view="agent lead warehouse auditor",
        buttons={
            "approve": "agent lead",
            "approve-with-refund": "agent lead",
            "decline": "agent lead",
            "settle": "agent lead",
        },
        pages={"receive": "warehouse"},
    ),
    "returns.withdrawal": AdminRow(
        row=lambda: withdrawn(anas_order(), at=timezone.now()),
        view="agent lead warehouse auditor",
        buttons={"settle": "agent lead"},
    ),
    "returns.returnreason": AdminRow(
        row=lambda: ReturnReason.objects.create(code="tests", label="Not for me", group="fit"),
        view="agent lead warehouse auditor",
        add="lead",
        change="lead",
    ),
    "notifications.message": AdminRow(
        row=lambda: a_message(),
        view="agent lead ops auditor",
        buttons={"resend": "agent lead ops", "close_address": "lead"},
    ),
    "notifications.customergroup": AdminRow(
        row=lambda: a_draft_campaign(at=timezone.now()).group, view="lead auditor", add="lead", change="lead"
    ),
    "notifications.campaign": AdminRow(
        row=lambda: a_draft_campaign(at=timezone.now()),
        view="lead auditor",
        add="lead",
        change="lead",
        buttons={"start": "lead", "stop": "lead"},
        pages={"preview": "lead auditor"},
    ),
    "notifications.newsconsent": AdminRow(row=lambda: a_question(at=timezone.now()), view="agent lead ops auditor"),
    "notifications.suppression": AdminRow(
        row=lambda: closed_address(), view="agent lead ops auditor", buttons={"allow": "lead"}
    ),
    "support.conversation": AdminRow(
        row=lambda: a_conversation(),
        view="agent lead auditor",
        buttons={
            "reply": "agent lead",
            "note": "agent lead",
            "take": "agent lead",
            "waive": "agent lead",
            "close": "agent lead",
            "publish": "agent lead",
            "assign": "lead",
        },
    ),
    "support.slapolicy": AdminRow(row=lambda: a_conversation().policy, view="agent lead auditor", change="lead"),
    "support.fault": AdminRow(row=lambda: a_regret(), view="agent lead auditor", buttons={"not-ours": "agent lead"}),
    "support.gesturepolicy": AdminRow(row=lambda: policy(), view="agent lead auditor", add="lead", change="lead"),
    "support.gesturebudget": AdminRow(
        row=lambda: budget(timezone.now().date()), view="agent lead auditor", add="lead", change="lead"
    ),
    "shop.heartbeat": AdminRow(
        row=lambda: Heartbeat.objects.create(name="tests.sweep", beat_at=timezone.now()), view="ops auditor"
    ),
}

# A row here wins over what ADMIN says of the same address.
PAGES: dict[str, Row] = {
    "healthz": Row(),
    "readyz": Row(),
    "shop:home": Row(),
    "shop:search": Row(),
    "shop:category": Row(with_=lambda: {"slug": "table"}),
    "shop:product": Row(with_=lambda: {"slug": Product.objects.order_by("id").values_list("slug", flat=True)[0]}),
    "shop:preview": Row(
        get={SEE_SHELVES: "allowed", "*": "not found"},
        with_=lambda: {"slug": tee(published=False).slug},
    ),
    "shop:reviews": Row(with_=lambda: {"slug": Product.objects.order_by("id").values_list("slug", flat=True)[0]}),
    "shop:questions": Row(
        post="allowed", with_=lambda: {"slug": Product.objects.order_by("id").values_list("slug", flat=True)[0]}
    ),
    "shop:review-photo": Row(
        get={"agent lead catalogue": "allowed", "*": "not found"},  # the review waits: nobody else sees its picture
        with_=lambda: {"name": a_photo(a_review()).name, "size": "small"},
    ),
    "shop:picture": Row(with_=lambda: {"file": file_of(an_upload().name)}),
    "shop:look-closer": Row(
        with_=lambda: {
            "slug": tee("looked-at").slug,
            "image": ProductImage.objects.order_by("-id").values_list("pk", flat=True)[0],
        }
    ),
    "shop:alert-ask": Row(
        post="allowed", with_=lambda: {"slug": Product.objects.order_by("id").values_list("slug", flat=True)[0]}
    ),
    "shop:your-size": Row(
        post="allowed",
        with_=lambda: {"slug": tee().slug},
        data={"by": "body", "unit": "cm", "body-chest": "96"},
    ),
    "shop:alert": Row(
        post="allowed", with_=lambda: {"token": alert_token(a_wait(at=timezone.now(), confirmed=False).pk)}
    ),
    "shop:robots": Row(),
    "shop:sitemap": Row(),
    "shop:sitemap-section": Row(with_=lambda: {"section": "products"}),
    "shop:preferences": Row(post="allowed", data={"country": "PT", "theme": "dark"}),
    "shop:measures": Row(get="method", post="allowed", data={"unit": "in"}),
    "shop:language": Row(get="method", post="allowed", data={"language": "de"}),
    # Orders.  A secret link opens its own order to whoever holds it, and nothing else to anybody.
    "orders:find": Row(post="allowed"),
    "orders:track": Row(get=BY_LINK),
    "orders:bag": Row(),
    "orders:bag-add": Row(get="method", post="allowed"),
    "orders:bag-change": Row(get="method", post="not found", with_=lambda: {"line_id": 1}),  # nobody's own bag
    "orders:bag-voucher": Row(get="method", post="not found"),  # nobody's own bag
    "orders:bag-voucher-removal": Row(get="method", post="not found", with_=lambda: {"voucher_id": 1}),
    "orders:bag-gift": Row(get="method", post="not found"),
    "orders:bag-sending": Row(get="method", post="not found"),
    "admin:orders_promotion_report": Row(get=staff_only("agent lead auditor")),
    "orders:wishlist": Row(),
    "orders:wishlist-add": Row(get="method", post="allowed"),
    "orders:wishlist-change": Row(get="method", post="not found", with_=lambda: {"line_id": 1}),  # nobody's own list
    "orders:checkout": Row(post="allowed"),
    "orders:draft": Row(post="allowed", with_=lambda: {"token": issue_draft_link(a_draft())}),  # opened by its address
    "orders:review": Row(get=BY_LINK, post=BY_LINK, with_=lambda: {"line_id": arrived_line(anas_order()).pk}),
    "orders:thanks": Row(get=BY_LINK),
    "orders:arrival": Row(get=BY_LINK),
    "orders:cancel": Row(get="method", post=BY_OWNER),
    "orders:prove": Row(get="method", post=BY_LINK),
    "orders:missing": Row(get="method", post=BY_LINK, with_=lambda: {"case_id": a_missing_piece().pk}),
    "admin:orders_unavailability_take": Row(
        get={"warehouse": "not found", "agent lead catalogue ops auditor": "forbidden", "*": "login"},
        with_=lambda: {"level_id": 1},  # without a correction there is nothing to list
    ),
    "orders:document": Row(get=BY_LINK, with_=lambda: {"number": an_invoice().number}),
    "orders:payment": Row(get="method", post=BY_LINK),
    "orders:stripe-hook": Row(get="method", post="refused"),
    "orders:choose": Row(get="method", post=BY_LINK),
    "orders:instead": Row(get=BY_LINK, post=BY_LINK),
    "orders:delivery": Row(get=BY_OWNER, post=BY_OWNER),
    "orders:pieces": Row(get=BY_OWNER, post=BY_OWNER),
    "orders:courier-hook": Row(get="method", post="refused", with_=lambda: {"provider": "demo"}),
    # Signing in, for everybody; what stands in the middle of a sign-in leads back to its beginning.
    "account_login": Row(post="allowed"),
    "account_request_login_code": Row(post="allowed"),
    "account_confirm_login_code": Row(get=SIGNED_IN, post=SIGNED_IN),
    "mfa_authenticate": Row(get=SIGNED_IN, post=SIGNED_IN),
    "account_logout": Row(post="allowed"),
    "account_signup": Row(post="allowed"),
    "account_inactive": Row(),
    "account_email_verification_sent": Row(get=SIGNED_IN, post=SIGNED_IN),
    "account_reset_password": Row(post="allowed"),
    "account_confirm_password_reset_code": Row(get="login", post="login"),
    "account_complete_password_reset": Row(post="allowed"),
    # The account, everybody's own; the stranger sees his.
    "account:home": Row(get=SIGNED_IN),
    "account:profile": Row(get=SIGNED_IN, post=SIGNED_IN, data={"language": "en"}),
    "account:sizes": Row(get=SIGNED_IN, post=SIGNED_IN, data={"unit": "cm"}),
    "account:data": Row(get=SIGNED_IN),
    "account:copy": Row(get="method", post=SIGNED_IN),
    "account:own-file": Row(get=HERS, with_=lambda: a_copy()),
    "account:erasure": Row(get="method", post=SIGNED_IN),
    "account:erasure-back": Row(get="method", post=SIGNED_IN),
    # A mailed link opens its copy or its erasure to whoever holds it.
    "account:linked-copy": Row(with_=lambda: {"token": a_link("export")}),
    "account:linked-file": Row(with_=lambda: {"token": a_link("export")}),
    "account:linked-erasure": Row(post="allowed", with_=lambda: {"token": a_link("erasure")}),
    "account:sign-ins": Row(get="method", post=SIGNED_IN),
    "orders:arrived": Row(post="refused", with_=lambda: {"signed": link_of(an_arrival_question())}),
    "orders:mine": Row(get=SIGNED_IN),
    "notifications:inbox": Row(get=SIGNED_IN),
    "notifications:own-wishes": Row(get=SIGNED_IN, post=SIGNED_IN, data={"time_zone": "Europe/Lisbon"}),
    "notifications:inbox-message": Row(
        get=HERS, post=HERS, with_=lambda: {"message_id": a_message(state="sent", sent_at=timezone.now()).pk}
    ),
    "orders:credit": Row(get=SIGNED_IN),
    "orders:mine-one": Row(get=HERS, with_=lambda: {"number": ANAS_ORDER}),
    "orders:addresses": Row(get=SIGNED_IN, post=SIGNED_IN),
    "orders:address": Row(get=HERS, post=HERS, with_=lambda: {"address_id": anas_address().pk}),
    "orders:address-gone": Row(get="method", post=HERS, with_=lambda: {"address_id": anas_address().pk}),
    "account_email": Row(get=SIGNED_IN, post=SIGNED_IN),
    "account_change_password": Row(get=SIGNED_IN, post=SIGNED_IN),
    "account_set_password": Row(get=SIGNED_IN, post=SIGNED_IN),
    "account_reauthenticate": Row(get=SIGNED_IN, post=SIGNED_IN),
    "mfa_reauthenticate": Row(get=SIGNED_IN, post=SIGNED_IN),
    "mfa_index": Row(get=SIGNED_IN),
    "mfa_activate_totp": Row(get=SIGNED_IN, post=SIGNED_IN),
    "mfa_deactivate_totp": Row(get=WITH_SECOND_FACTOR, post=WITH_SECOND_FACTOR),
    "mfa_view_recovery_codes": Row(get=WITH_SECOND_FACTOR),
    "mfa_generate_recovery_codes": Row(get=SIGNED_IN, post=SIGNED_IN),
    "mfa_download_recovery_codes": Row(get={"anonymous": "login", "*": "not found"}),
    # Returns: only through the secret link of their order, and only its own.
    "returns:withdrawal": Row(post="refused"),
    "returns:withdrawal-rights": Row(),
    "returns:withdrawal-of": Row(get=BY_LINK, post={"stranger": "not found", "*": "refused"}),
    "returns:request": Row(get=BY_OWNER, post=BY_OWNER),
    "returns:case": Row(get=BY_LINK, with_=lambda: {"number": a_return().number}),
    "returns:slip": Row(get=BY_LINK, with_=lambda: {"number": a_return().number}),
    "returns:withdraw": Row(get="method", post=BY_LINK, with_=lambda: {"number": a_return().number}),
    # Support.
    "support:help": Row(),
    "support:contact": Row(post="allowed"),
    "support:sent": Row(get="not found", with_=lambda: {"ticket": "forged"}),
    "support:mail-hook": Row(get="method", post="refused"),
    "support:demo-reply": Row(get="not found", post="not found"),  # the demo alone has it
    # Messages; the mailbox exists in the demo alone.
    "notifications:mail-events": Row(get="method", post="not found", with_=lambda: {"provider": "postmark"}),
    "notifications:texts": Row(get="method", post="not found"),
    "notifications:stop": Row(
        post="allowed", with_=lambda: {"token": sign_name(a_message(optional=True).message_id, purpose=STOP)}
    ),
    "notifications:wishes": Row(
        post="refused", with_=lambda: {"token": sign_name(a_message().message_id, purpose=WISHES)}
    ),
    "notifications:news": Row(post="refused", data={"email": "not-an-address"}),
    "notifications:news-answer": Row(
        post="allowed", with_=lambda: {"token": a_question(at=timezone.now()).issue_token()}
    ),
    "notifications:mailbox": Row(get="not found"),
    "notifications:letter": Row(get="not found", with_=lambda: {"name": "1.eml"}),
    "notifications:letter-html": Row(get="not found", with_=lambda: {"name": "1.eml"}),
    "admin:notifications_message_outbox": Row(get=staff_only("agent lead ops auditor")),
    "admin:notifications_message_preview": Row(
        get=staff_only("agent lead ops auditor"), post=staff_only("agent lead ops auditor")
    ),
    "admin:notifications_message_words": Row(get=staff_only("agent lead ops auditor")),
    "admin:notifications_message_edit_words": Row(
        get=staff_only("agent lead ops auditor"),
        post=staff_only("lead"),
        with_=lambda: {"kind": "order_placed", "locale": "en"},
    ),
    "admin:notifications_message_letter": Row(
        get=staff_only("agent lead ops auditor"), with_=lambda: {"message_id": a_message().pk}
    ),
    # The admin's own pages, beside those of its models.
    "admin:index": Row(get=ANY_STAFF),
    "admin:login": Row(get={"anonymous": "login", "customer stranger": "forbidden", "*": "allowed"}),
    "admin:logout": Row(get={"anonymous customer stranger": "allowed", "*": "method"}),  # "allowed": on to /admin/
    "admin:password_change": Row(get=ANY_STAFF, post=ANY_STAFF),
    "admin:password_change_done": Row(get=ANY_STAFF),
    "admin:autocomplete": Row(get={"anonymous customer stranger": "login", "*": "forbidden"}),
    "admin:jsi18n": Row(get=ANY_STAFF),
    "admin:app_list": Row(get=ANY_STAFF, with_=lambda: {"app_label": "shop"}),
    "admin:view_on_site": Row(get={"anonymous customer stranger": "login", "*": "allowed"}, with_=lambda: _on_site()),
    "admin:<url>": Row(get={"anonymous customer stranger": "login", "*": "not found"}, with_=lambda: {"url": "nope"}),
    "admin:orders_order_promises": Row(get=staff_only("lead ops auditor")),
    "admin:orders_order_stages": Row(get=staff_only(SEE_ORDERS)),
    "admin:orders_order_slip_pdf": Row(get=staff_only(SEE_ORDERS), with_=lambda: {"order_id": anas_order().pk}),
    "admin:orders_document_pdf": Row(
        get=staff_only("agent lead auditor"), with_=lambda: {"document_id": an_invoice().pk}
    ),
    "admin:orders_order_slip": Row(get=staff_only(SEE_ORDERS), with_=lambda: {"order_id": anas_order().pk}),
    "admin:shop_product_file": Row(get=staff_only("catalogue"), post=staff_only("catalogue")),
    "admin:shop_stocklevel_low": Row(get=staff_only(SEE_SHELVES)),
    "admin:shop_product_together": Row(get=staff_only("catalogue"), post=staff_only("catalogue")),
    "admin:shop_product_matrix": Row(
        get=staff_only("catalogue"), post=staff_only("catalogue"), with_=lambda: {"object_id": tee().pk}
    ),
    "admin:shop_product_measures": Row(
        get=staff_only("catalogue"), post=staff_only("catalogue"), with_=lambda: {"object_id": tee().pk}
    ),
    "admin:shop_product_pictures": Row(
        get=staff_only("catalogue"), post=staff_only("catalogue"), with_=lambda: {"object_id": tee().pk}
    ),
    "admin:shop_product_export_csv": Row(get=staff_only(SEE_SHELVES), post=None),
    "admin:shop_product_export_xlsx": Row(get=staff_only(SEE_SHELVES), post=None),
    "admin:orders_parcel_scans": Row(
        get=staff_only("agent lead warehouse"), post=staff_only("agent lead warehouse"), with_=dict
    ),
    "admin:auth_user_password_change": Row(
        get=staff_only("lead"), post=staff_only("lead"), with_=lambda: {"id": person().pk}
    ),
}


def anas_order() -> Order:
    """What Ana bought."""
    return Order.objects.get(number=ANAS_ORDER)


def a_voucher() -> Voucher:
    """A voucher nobody has used."""
    return voucher(at=timezone.now())[0]


def a_redemption() -> Redemption:
    """Ana used a voucher."""
    mine = a_voucher()
    return Redemption.objects.create(
        promotion=mine.promotion,
        voucher=mine,
        order=anas_order(),
        name=mine.promotion.name,
        saved_minor=240,
        customer_key="tests",
        made_at=timezone.now(),
    )


def an_arrival_question() -> ArrivalQuestion:
    """Ana is asked whether all is well."""
    return ArrivalQuestion.objects.get_or_create(order=anas_order(), defaults={"ask_at": timezone.now()})[0]


def a_stuck_parcel() -> StuckParcel:
    """Ana's parcel has a label and is still here."""
    at = timezone.now()
    return StuckParcel.objects.create(parcel=anas_order().parcels.get(), cause="label", since_at=at, found_at=at)


def a_regret() -> Fault:
    """A mug of Ana's was not there; the letter is to be written."""
    return a_fault(anas_order(), at=timezone.now())


def a_draft() -> OrderDraft:
    """An order put together for Ana on the phone."""
    return make_draft(
        wanted=[(VariantFactory().pk, 1)],
        details={"email": "ana@example.com", "full_name": "Ana Costa", "country": "PT", "service": "door-pt"},
        discount_bp=0,
        locale="en",
        by=StaffFactory(),
        at=timezone.now(),
    )


def a_missing_piece() -> Unavailability:
    """When Ana's order was to be packed, its mug was not on the shelf."""
    order = anas_order()
    return note_short_pick(
        parcel_id=order.parcels.get().pk,
        line_id=order.lines.get().pk,
        missing=1,
        reason="",
        key="tests",
        by=StaffFactory(),
        at=timezone.now(),
    )


def an_arrival() -> StockArrival:
    """Twelve pieces are expected next week."""
    return arrivals.announce_arrival(
        level_id=StockLevel.objects.order_by("id")[0].pk,
        pieces=12,
        expected_on=timezone.localdate() + timedelta(days=7),
        source=StockArrival.Source.PRODUCTION,
        note="",
        by=None,
        at=timezone.now(),
    )


def a_count() -> StockCount:
    """Somebody counts the shelves of the first location."""
    level = StockLevel.objects.order_by("id")[0]
    count = StockCount.objects.create(location_id=level.location_id, started_at=timezone.now())
    count.lines.create(level=level)
    return count


def an_invoice() -> Document:
    """Ana's invoice, on paper."""
    order = anas_order()
    issue_what_is_due(order_id=order.pk, at=timezone.now())
    make_documents(timezone.now())
    return Document.objects.get(order=order, kind="invoice")


def anas_address() -> SavedAddress:
    """Where Ana lives, kept in her account."""
    return saved_address(User.objects.get(email="ana@example.com"), at=timezone.now())


def a_return() -> ReturnCase:
    """Ana asked to send something back."""
    return return_case(anas_order(), at=timezone.now())


def a_review() -> Review:
    """Ana wrote about what she bought, and nobody has read it."""
    return written(at=timezone.now())


def a_message(**fields: object) -> Message:
    """Ana was told something."""
    return queued(told(anas_order(), "orders.order.placed", at=timezone.now()), **fields)


def closed_address() -> Suppression:
    """Ana's address, to which mails came back."""
    return Suppression.objects.create(channel="email", address="ana@example.com", cause="bounced", since=timezone.now())


def a_conversation() -> Conversation:
    """Ana asked something."""
    return asked(at=timezone.now()).conversation


def _group() -> Any:
    from django.contrib.auth.models import Group

    return Group.objects.get(name="agent")


def _event() -> Event:
    return Event.objects.create(
        name="shop.tea.poured", subject="shop.tea:1", visibility="staff", happened_at=timezone.now()
    )


def _option_value() -> OptionValue:
    kind, _ = OptionType.objects.get_or_create(code="glaze", defaults={"name": "Glaze"})
    return OptionValue.objects.get_or_create(type=kind, code="sage", defaults={"label": "Sage"})[0]


def _on_site() -> dict[str, Any]:
    from django.contrib.contenttypes.models import ContentType

    product = Product.objects.order_by("id")[0]
    return {"content_type_id": ContentType.objects.get_for_model(Product).pk, "object_id": product.pk}


def data_request(kind: str, token: str) -> DataRequest:
    """Ana asked for a copy, which is ready, or for an erasure, which she has not confirmed."""
    at, state = timezone.now(), {"export": "ready", "erasure": "asked"}[kind]
    ana = User.objects.get(email="ana@example.com")
    found, made = DataRequest.objects.get_or_create(
        token_hash=digest("", token),
        defaults={
            "kind": kind, "state": state, "user": ana, "email": ana.email, "addresses": [ana.email], "locale": "en",
            "asked_at": at, "answer_by_on": at.date(), "done_at": at if state == "ready" else None,
            "expires_at": at + timedelta(hours=1),
        },
    )  # fmt: skip
    if made and kind == "export":
        DataFile.objects.create(request=found, content=b"PK", made_at=at)
    return found


def a_link(kind: str) -> str:
    """The token of Ana's mailed link."""
    token = kind * 7
    data_request(kind, token)
    return token


def a_copy() -> dict[str, Any]:
    """Ana's copy is ready; its address says nothing of her."""
    a_link("export")
    return {}
