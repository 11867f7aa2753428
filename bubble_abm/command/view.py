"""The command ``view``: open the page on which the bubble is watched."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import Annotated

import typer

PORT = 8765
HIGHEST_PORT = 65535
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def view(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; other than loopback lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[str | None, typer.Option(metavar="N", help=f"Port to listen on.  (default: {PORT})")] = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="FILE", help="Open with the settings of a scenario file.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Open with another value of a parameter.")
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Open the page on which the bubble is watched, month by month, with every parameter to try."""
    from bubble_abm.economy.declare import checked_count
    from bubble_abm.engine.scenario import assignments, whole_number
    from bubble_abm.page.links import Opened, write_link
    from bubble_abm.page.server import address_of, serve, warm_up
    from bubble_abm.page.settings import settings_from

    query = write_link(Opened(settings_from(scenario, assignments(set_ or []))))
    number = PORT if port is None else checked_count("port", whole_number(port), 1, HIGHEST_PORT)
    check_free(host, number)
    note("Preparing the page; the first time the month is compiled, which takes half a minute.")
    warm_up()
    if host not in LOOPBACK:
        note(f"The page is open to every machine that can reach {host}.")
    page = address_of(host, number) + (f"?{query}" if query else "")
    note(f"Watch the bubble at {page} and stop with Ctrl-C.")
    with suppress(KeyboardInterrupt):  # that is how a visit ends
        serve(host, number, open_browser=None if no_open else page)


def note(text: str) -> None:
    """Tell the user something that is not a result."""
    print(text, file=sys.stderr, flush=True)


def check_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, in one line and before anything is compiled."""
    from bubble_abm.economy.declare import InvalidInput

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, UnicodeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InvalidInput(f"{host}:{port}: cannot listen there, {reason}: give another --host or --port") from None
