"""The shop's settings with the floor's addresses beside its own."""

from shop.settings import *  # noqa: F403 -- every setting of the shop, and one of ours

ROOT_URLCONF = "tests.bench.urls"
