"""The words of each provider, translated into ours: data, one table a provider.

`own` and `demo` speak our words already.  A key is the provider's code, or `code:detail` where its finer word says
more.  A code that is missing comes back as UNKNOWN and never raises.
Source: delivery reference 1.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orders.rules.tracking import ETA_REVISED, UNKNOWN, Status


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
    "in_transit:received_at_origin_facility": Meaning(Status.ACCEPTED),
    "in_transit:delayed": Meaning(Status.HELD, "backlog"),
    "in_transit:weather_delay": Meaning(Status.HELD, "weather"),
    "in_transit:held": Meaning(Status.HELD),
    "in_transit:missorted": Meaning(Status.HELD, "sorting_error"),
    "in_transit:address_correction": Meaning(Status.HELD, "address"),
    "in_transit:damaged": Meaning(Status.HELD, "damaged"),
    "out_for_delivery": Meaning(Status.OUT_FOR_DELIVERY),
    "out_for_delivery:delivery_exception": Meaning(Status.ATTEMPT_FAILED),
    "delivered": Meaning(Status.DELIVERED),
    "available_for_pickup": Meaning(Status.READY_FOR_PICKUP),
    "return_to_sender": Meaning(Status.RETURNING),
    "return_to_sender:refused": Meaning(Status.RETURNING, "refused"),
    "failure": Meaning(Status.HELD),
    "failure:refused": Meaning(Status.HELD, "refused"),
    "failure:damaged": Meaning(Status.HELD, "damaged"),
    "failure:address_correction": Meaning(Status.HELD, "address"),
    "failure:lost": Meaning(Status.LOST_OR_SILENT, "lost"),
    "cancelled": Meaning(Status.LABEL_CREATED),
    "error": Meaning(UNKNOWN),
}

_AFTERSHIP: Mapping[str, Meaning] = {
    "Pending": Meaning(UNKNOWN),
    "InfoReceived": Meaning(Status.LABEL_CREATED),
    "InTransit": Meaning(Status.IN_TRANSIT),
    "OutForDelivery": Meaning(Status.OUT_FOR_DELIVERY),
    "AttemptFail": Meaning(Status.ATTEMPT_FAILED),
    "AttemptFail:AttemptFail_002": Meaning(Status.ATTEMPT_FAILED, "not_home"),
    "AttemptFail:AttemptFail_003": Meaning(Status.ATTEMPT_FAILED, "no_access"),
    "Delivered": Meaning(Status.DELIVERED),
    "AvailableForPickup": Meaning(Status.READY_FOR_PICKUP),
    "Exception": Meaning(Status.HELD),
    "Exception:Exception_002": Meaning(Status.HELD, "address"),
    "Exception:Exception_003": Meaning(Status.HELD, "refused"),
    "Exception:Exception_004": Meaning(Status.HELD, "customs"),
    "Exception:Exception_005": Meaning(Status.HELD, "backlog"),
    "Exception:Exception_006": Meaning(Status.HELD, "payment_at_door"),
    "Exception:Exception_007": Meaning(Status.HELD, "address"),
    "Exception:Exception_010": Meaning(Status.RETURNING),
    "Exception:Exception_011": Meaning(Status.RETURNED),
    "Exception:Exception_012": Meaning(Status.HELD, "damaged"),
    "Exception:Exception_013": Meaning(Status.LOST_OR_SILENT, "lost"),
    "Exception:Exception_017": Meaning(Status.HELD, "weather"),
    "Exception:Exception_018": Meaning(Status.HELD, "documents"),
    "Expired": Meaning(Status.LOST_OR_SILENT),
}

_SHIPPO: Mapping[str, Meaning] = {
    "UNKNOWN": Meaning(UNKNOWN),
    "PRE_TRANSIT": Meaning(Status.LABEL_CREATED),
    "TRANSIT": Meaning(Status.IN_TRANSIT),
    "TRANSIT:package_accepted": Meaning(Status.ACCEPTED),
    "TRANSIT:out_for_delivery": Meaning(Status.OUT_FOR_DELIVERY),
    "TRANSIT:delivery_attempted": Meaning(Status.ATTEMPT_FAILED),
    "TRANSIT:notice_left": Meaning(Status.ATTEMPT_FAILED, "not_home"),
    "TRANSIT:location_inaccessible": Meaning(Status.ATTEMPT_FAILED, "no_access"),
    "TRANSIT:pickup_available": Meaning(Status.READY_FOR_PICKUP),
    "TRANSIT:address_issue": Meaning(Status.HELD, "address"),
    "TRANSIT:contact_carrier": Meaning(Status.HELD, "address"),
    "TRANSIT:delayed": Meaning(Status.HELD, "backlog"),
    "TRANSIT:package_held": Meaning(Status.HELD),
    "TRANSIT:package_damaged": Meaning(Status.HELD, "damaged"),
    "DELIVERED": Meaning(Status.DELIVERED),
    "RETURNED": Meaning(Status.RETURNED),
    "RETURNED:return_to_sender": Meaning(Status.RETURNING),
    "RETURNED:package_unclaimed": Meaning(Status.RETURNING),
    "FAILURE": Meaning(Status.HELD),
    "FAILURE:package_lost": Meaning(Status.LOST_OR_SILENT, "lost"),
    "FAILURE:package_undeliverable": Meaning(Status.HELD, "address"),
    "FAILURE:package_damaged": Meaning(Status.HELD, "damaged"),
    "FAILURE:package_disposed": Meaning(Status.LOST_OR_SILENT, "lost"),
}

VOCABULARIES: Mapping[str, Mapping[str, Meaning]] = {
    "own": _OURS,
    "demo": _OURS,
    "easypost": _EASYPOST,
    "aftership": _AFTERSHIP,
    "shippo": _SHIPPO,
}


def translate(*, provider: str, code: str, reason: str = "", detail: str = "") -> Meaning:
    """Return what `code` of `provider` means, `detail` being the finer word it may add.

    `reason` is the provider's own, kept when the table has none.  The finer word decides where the table knows it; an
    unknown provider or code gives UNKNOWN.  That the expected day was revised is said in our own word by every reader.
    """
    if code == ETA_REVISED:
        return Meaning(ETA_REVISED)
    known = VOCABULARIES.get(provider, {})
    meaning = known.get(f"{code}:{detail}") or known.get(code) or Meaning(UNKNOWN)
    return Meaning(meaning.status, meaning.reason or reason)
