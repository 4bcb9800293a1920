"""The Celery application: wakes up the sweeps and lends them hands.

Source: reliability reference D5; why Celery stays below 5.7 stands beside the pin in pyproject.toml.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_process_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("kingpost")


def broker_url(redis_url: str) -> str:
    """Translate one REDIS_URL into kombu's spelling: a unix socket is `redis+socket://` with `virtual_host`."""
    if redis_url.startswith("unix://"):
        return "redis+socket://" + redis_url.removeprefix("unix://").replace("?db=", "?virtual_host=")
    return redis_url


def configure() -> None:
    """Fill the application from Django's settings; one beat entry for every sweep."""
    from shop.sweeps import SWEEP_NAMES

    seconds = settings.SWEEP_SECONDS
    app.conf.update(
        broker_url=broker_url(settings.REDIS_URL),
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=120,
        task_soft_time_limit=90,
        task_default_queue="kingpost",
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=2000,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 600,
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "socket_keepalive": not settings.REDIS_URL.startswith("unix:"),
            "health_check_interval": 15,
            "retry_on_timeout": True,
        },
        timezone="UTC",
        enable_utc=True,
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule={
            name: {
                "task": "shop.sweep",
                "args": [name],
                "schedule": seconds,
                "options": {"expires": max(seconds, 10)},
            }
            for name in SWEEP_NAMES
        },
    )


configure()
app.autodiscover_tasks()


@worker_process_init.connect
@beat_init.connect
def close_inherited_connections(**_: Any) -> None:
    """A forked child must not speak on its parent's database connection."""
    from django.db import connections

    connections.close_all()
