"""How to break the shop's own invariants."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from shop.models import DataRequest, Event, EventDelivery, FibreShare, ForgottenAddress, Inbound, Material, StockAlert
from shop.operations.reviews import publish_review
from shop.queries.tallies import keeping_tallies
from shop.rules.personal import digest
from tests.breaches import Planter, sql, without_constraints
from tests.factories.catalogue import listed
from tests.factories.orders import placed_order
from tests.factories.questions import a_published_question
from tests.factories.shop import StaffFactory, VariantFactory
from tests.factories.voices import written


def lose_a_piece() -> None:
    """A piece leaves the shelf without a movement."""
    VariantFactory(stock=5)
    sql("UPDATE shop_stocklevel SET on_hand = on_hand - 1")


def oversell() -> None:
    """More is spoken for than lies there; movements and order agree, so that only this rule is broken."""
    placed_order(at=timezone.now(), variant=VariantFactory(stock=5), quantity=5)
    without_constraints("shop_stocklevel", "stock_never_oversold")
    sql("UPDATE shop_stocklevel SET on_hand = 4")
    sql(
        "INSERT INTO shop_stockmovement (level_id, kind, on_hand_delta, allocated_delta, quarantine_delta,"
        " order_number, reason, key, moved_at) SELECT id, 'adjusted', -1, 0, 0, '', '', 'planted', now()"
        " FROM shop_stocklevel"
    )


def sell_beyond_the_shelf_unsaid() -> None:
    """Pieces that nobody makes may be sold although the shelf is empty."""
    VariantFactory(stock=0)
    without_constraints("shop_stocklevel", "stock_limit_only_made_to_order")
    sql("UPDATE shop_stocklevel SET oversell_limit = 3")


def sell_what_nobody_expects() -> None:
    """Pieces may be sold ahead although none is on its way."""
    VariantFactory(stock=0)
    sql("UPDATE shop_stocklevel SET policy = 'backorder', oversell_limit = 3")


def park_an_event() -> None:
    """A consumer gave up on an event and nobody looked."""
    event = Event.objects.create(
        name="shop.tea.poured", subject="shop.tea:1", visibility="staff", happened_at=timezone.now()
    )
    sql(
        "INSERT INTO shop_eventdelivery (event_id, consumer, state, attempts, error)"
        " VALUES (%s, 'tests', 'parked', 8, '')",
        event.pk,
    )


def ignore_without_a_reason() -> None:
    """Something that came in was put aside, and nobody said why."""
    Inbound.objects.create(source="tests", source_key="1", raw=b"hello")
    sql("UPDATE shop_inbound SET state = 'ignored', error = ''")


def forget_a_bad_review() -> None:
    """A published one-star review no longer counts."""
    review = written(at=timezone.now(), stars=1)
    publish_review(review_id=review.pk, by=StaffFactory(), at=timezone.now())
    sql("UPDATE shop_voices SET reviews = 0, stars = '[0, 0, 0, 0, 0]'")


def show_a_question_nobody_published() -> None:
    """A question was taken off behind the operations' back, and the page still shows it."""
    a_published_question(at=timezone.now())
    sql("UPDATE shop_productquestion SET published_at = NULL")


def decline_in_silence() -> None:
    """A review was declined without anything that tells its writer."""
    written(at=timezone.now(), stars=1)
    sql(
        "UPDATE shop_review SET status = 'declined', decline_reason = 'abuse', decline_words = 'No.',"
        " decided_at = now()"
    )


def forget_a_reservation() -> None:
    """Pieces were held for somebody who left, and no sweep came by."""
    VariantFactory(stock=5)
    sql(
        "INSERT INTO shop_stockreservation (holder, variant_id, level_id, quantity, expires_at)"
        " SELECT 'tests', variant_id, id, 1, now() - interval '11 minutes' FROM shop_stocklevel"
    )


def settle_an_arrival_nobody_saw() -> None:
    """An arrival counts as come although pieces are missing."""
    VariantFactory(stock=5)
    sql(
        "INSERT INTO shop_stockarrival (level_id, source, pieces, arrived_pieces, expected_on, note, state,"
        " announced_at, settled_at) SELECT id, 'purchase', 10, 4, current_date, '', 'arrived', now(), now()"
        " FROM shop_stocklevel"
    )


def forget_that_a_size_came_back() -> None:
    """A filter still knows what the shelf held yesterday, and nobody noted the change."""
    product = VariantFactory(stock=5).product
    listed()
    sql("UPDATE shop_listing SET facets = array_append(facets, 'size:m')")
    with connection.cursor() as cursor:
        cursor.execute(*keeping_tallies([product.pk]))


def miscount_a_filter() -> None:
    """A tally has the very products that the listings have not."""
    VariantFactory(stock=5)
    listed()
    sql("UPDATE shop_tally SET marks = ~marks WHERE key LIKE 'shelf:%'")


def tell_the_later_one_first() -> None:
    """Somebody who asked a day later was told, the first one still waits."""
    variant, now = VariantFactory(stock=0), timezone.now()
    for days, told_at in ((2, None), (1, now)):
        asked_at = now - timedelta(days=days)
        StockAlert.objects.create(
            variant=variant,
            email=f"ana{days}@example.com",
            locale="en",
            asked_at=asked_at,
            confirmed_at=asked_at,
            told_at=told_at,
        )


def lose_a_price() -> None:
    """The price of today came to an end in the history, and none followed."""
    VariantFactory()
    sql("UPDATE shop_priceinterval SET ends_at = clock_timestamp()")


def call_a_price_reduced() -> None:
    """A price is called reduced although no reduction runs."""
    VariantFactory()
    sql("UPDATE shop_variant SET was_minor = price_minor + 1")


def leave_a_tenth_unsaid() -> None:
    """The fibres of a piece make 90 percent."""
    material = Material.objects.create(code="wool", name="Wool")
    FibreShare.objects.create(product=VariantFactory().product, material=material, percent=90)


def name_somebody_who_was_erased() -> None:
    """An address that was erased still stands somewhere, in the middle of a sentence."""
    ForgottenAddress.objects.create(
        salt="tests",
        digest=digest("tests", "ana@example.com"),
        forgotten_at=timezone.now() + timedelta(days=1),
        journalled_at=timezone.now(),
    )
    EventDelivery.objects.create(
        event=Event.objects.create(
            name="shop.tea.poured", subject="shop.tea:1", visibility="staff", happened_at=timezone.now()
        ),
        consumer="tests",
        state="done",
        error="IntegrityError: key (email)=(Ana@Example.com).",
    )


def keep_an_erasure_out_of_the_journal() -> None:
    """Somebody was erased yesterday, and the journal does not know."""
    ForgottenAddress.objects.create(
        salt="tests", digest=digest("tests", "ana@example.com"), forgotten_at=timezone.now() - timedelta(days=1)
    )


def leave_a_request_unanswered() -> None:
    """Somebody asked for her data, and a month is over."""
    at = timezone.now()
    DataRequest.objects.create(
        kind="export", state="due", email="ana@example.com", locale="en", asked_at=at, due_at=at,
        answer_by_on=at.date() - timedelta(days=2),
    )  # fmt: skip


BREACHES: dict[str, Planter] = {
    "S16": name_somebody_who_was_erased,
    "S17": keep_an_erasure_out_of_the_journal,
    "S15": leave_a_request_unanswered,
    "S01": lose_a_piece,
    "S02": oversell,
    "S22": sell_beyond_the_shelf_unsaid,
    "S23": sell_what_nobody_expects,
    "S03": park_an_event,
    "S04": ignore_without_a_reason,
    "S10": forget_a_bad_review,
    "S11": decline_in_silence,
    "S25": show_a_question_nobody_published,
    "S05": forget_a_reservation,
    "S12": forget_that_a_size_came_back,
    "S19": miscount_a_filter,
    "S13": tell_the_later_one_first,
    "S14": lose_a_price,
    "S20": leave_a_tenth_unsaid,
    "S21": call_a_price_reduced,
    "S06": settle_an_arrival_nobody_saw,
}
