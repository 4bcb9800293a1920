"""WSGI entry point, served by granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

application = get_wsgi_application()

# What is loaded by now stays, and a request makes tens of thousands of objects that go by themselves: looking through
# all of them every seven hundred is a tenth of a request.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 100)
