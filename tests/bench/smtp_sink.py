"""A mail server that takes every letter and keeps none.  Run it with `python -m tests.bench.smtp_sink PORT`."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from aiosmtpd.smtp import SMTP


class Sink:
    """Takes everything, and says like any grown mail server that commands may come in one breath (RFC 2920)."""

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Add what we can."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Say yes."""
        return "250 2.0.0 Taken"


async def serve(port: int) -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), enable_SMTPUTF8=True, hostname="sink"), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(serve(int(sys.argv[1])))
