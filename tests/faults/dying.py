"""A web server that dies where it is told: `python -m tests.faults.dying PORT`.

Each request is served by a process of its own, forked from one that has loaded the shop.  The header X-Dies-At names
the point at which that process is killed with -9; X-Unguarded switches a protection off for that request: the controls.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from importlib import import_module
from socketserver import ForkingMixIn
from typing import Any
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from shop.wsgi import application

# Point -> module and function it is about, and whether death comes after that has done its work.
POINTS = {
    "before the commit of the order": ("orders.operations.placing", "prepare", True),
    "after the commit, before the provider is asked": ("orders.operations.placing", "finish", False),
    "after the reply of the provider": ("orders.operations.finishing", "_ask", True),
    "before the commit of the money": ("orders.operations.finishing", "_close", True),
    "after the last commit, before the answer": ("orders.views.checkout", "_thanks", False),
}


class Server(ForkingMixIn, WSGIServer):
    """One process a request."""

    max_children = 20


class Quiet(WSGIRequestHandler):
    """Writes no line for every request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name it has there
        """Say nothing."""


def dying(environ: dict[str, Any], start_response: Any) -> Any:
    """Serve one request; whatever is changed here is gone with this process."""
    if point := environ.get("HTTP_X_DIES_AT"):
        die_at(*POINTS[point])
    if environ.get("HTTP_X_UNGUARDED") == "key of the charge":
        finishing = import_module("orders.operations.finishing")
        bill = finishing._bill
        finishing._bill = lambda *asked: replace(bill(*asked), key=f"charge:{uuid4()}")
    return application(environ, start_response)


def die_at(place: str, name: str, after: bool) -> None:
    """Put death before or after one function."""
    module = import_module(place)
    honest = getattr(module, name)

    def last_step(*args: Any, **kwargs: Any) -> None:
        if after:
            honest(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, last_step)


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), dying, server_class=Server, handler_class=Quiet).serve_forever()
