"""The words of each provider, translated into ours: data, one table a provider.

`own` and `demo` speak our words already.  The tables of the aggregators are here so that their adapters only have to
check a signature and name a code.  A code that is missing comes back as UNKNOWN and never raises.
Source: delivery reference 1.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orders.rules.tracking import UNKNOWN, Status


@dataclass(frozen=True)
class Meaning:
    """What a provider's code means to us."""

    status: str
    reason: str = ""


_OURS: Mapping[str, Meaning] = {status.value: Meaning(status) for status in Status}

_EASYPOST: Mapping[str, Meaning] = {
    "unknown": Meaning(UNKNOWN),
    "pre_transit": Meaning(Status.LABEL_CREATED),
    "in_transit": Meaning(Status.IN_TRANSIT),
    "out_for_delivery": Meaning(Status.OUT_FOR_DELIVERY),
    "delivered": Meaning(Status.DELIVERED),
    "available_for_pickup": Meaning(Status.READY_FOR_PICKUP),
    "return_to_sender": Meaning(Status.RETURNING),
    "failure": Meaning(Status.HELD),
    "cancelled": Meaning(Status.LABEL_CREATED),
    "error": Meaning(UNKNOWN),
}

_AFTERSHIP: Mapping[str, Meaning] = {
    "Pending": Meaning(Status.LABEL_CREATED),
    "InfoReceived": Meaning(Status.LABEL_CREATED),
    "InTransit": Meaning(Status.IN_TRANSIT),
    "OutForDelivery": Meaning(Status.OUT_FOR_DELIVERY),
    "AttemptFail": Meaning(Status.ATTEMPT_FAILED),
    "Delivered": Meaning(Status.DELIVERED),
    "AvailableForPickup": Meaning(Status.READY_FOR_PICKUP),
    "Exception": Meaning(Status.HELD),
    "Exception_002": Meaning(Status.HELD, "address"),
    "Exception_003": Meaning(Status.HELD, "refused"),
    "Exception_004": Meaning(Status.HELD, "customs"),
    "Exception_017": Meaning(Status.HELD, "weather"),
    "Exception_018": Meaning(Status.HELD, "documents"),
    "Expired": Meaning(Status.LOST_OR_SILENT),
}

_SHIPPO: Mapping[str, Meaning] = {
    "UNKNOWN": Meaning(UNKNOWN),
    "PRE_TRANSIT": Meaning(Status.LABEL_CREATED),
    "TRANSIT": Meaning(Status.IN_TRANSIT),
    "DELIVERED": Meaning(Status.DELIVERED),
    "RETURNED": Meaning(Status.RETURNED),
    "FAILURE": Meaning(Status.HELD),
}

VOCABULARIES: Mapping[str, Mapping[str, Meaning]] = {
    "own": _OURS,
    "demo": _OURS,
    "easypost": _EASYPOST,
    "aftership": _AFTERSHIP,
    "shippo": _SHIPPO,
}

# Who may knock at our webhook today: those who sign as orders/README.md says.  Name as shoppers read it.
CARRIERS: Mapping[str, str] = {
    "demo": "Heron Parcels",
    "own": "our own courier",
}


def translate(*, provider: str, code: str, reason: str = "") -> Meaning:
    """Return what `code` of `provider` means; `reason` is the provider's own, kept when the table has none.

    An unknown provider or code gives UNKNOWN.
    """
    meaning = VOCABULARIES.get(provider, {}).get(code, Meaning(UNKNOWN))
    return Meaning(meaning.status, meaning.reason or reason)


def carrier_name(carrier: str) -> str:
    """Return the name shoppers read; a carrier nobody named is called what staff typed."""
    return CARRIERS.get(carrier, carrier)
