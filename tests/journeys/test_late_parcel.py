"""Journey: the courier holds her parcel, and she hears from us before the promised day is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from notifications.operations.sending import send_messages
from orders.admin.wording import moment
from orders.models import Order, Parcel, Promise
from orders.operations.packing import pack_parcel
from orders.operations.shipping import hand_over_parcel
from orders.operations.tracking import apply_tracking
from orders.operations.delays import watch_promises
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from shop.rules.wording import day_range
from support.models import Conversation
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory
from tests.factories.support import support_desk
from tests.faults.harness import SmtpPeer
