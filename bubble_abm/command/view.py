"""The command ``view``: open the page that shows the bubble."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Annotated

import typer

from bubble_abm.command.ending import hanging_up_terminates
from bubble_abm.command.progress import announce_compiling, note

PORT = 8765
HIGHEST_PORT = 65535
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def view(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on; any but loopback admits other machines.")
    ] = "127.0.0.1",
    port: Annotated[str | None, typer.Option(metavar="N", help=f"Port to listen on.  (default: {PORT})")] = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="FILE", help="Open the page with the settings of a scenario file.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Open the page with this value of a parameter; may be repeated."
        ),
    ] = None,
    export: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Write the page into a new folder that any server can show, and end."),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Open a page that shows the bubble month by month and lets you change every parameter."""
    from bubble_abm.economy.declare import checked_count
    from bubble_abm.engine.scenario import assignments, whole_number
    from bubble_abm.page.export import export_page
    from bubble_abm.page.links import Opened, write_link
    from bubble_abm.page.server import address_of, serve, warm_up
    from bubble_abm.page.settings import settings_from

    if export is not None:
        announce_compiling()
        note(f"Written to {export_page(export, note)}.")
        return
    settings = settings_from(scenario, assignments(set_ or []))
    number = PORT if port is None else checked_count("port", whole_number(port), 1, HIGHEST_PORT)
    check_free(host, number)
    note("Preparing the page.")
    announce_compiling()
    warm_up()
    query = write_link(Opened(settings)) if scenario or set_ else ""
    if host not in LOOPBACK:
        note(f"Every machine that can reach {host} can open the page.")
    page = address_of(host, number) + (f"?{query}" if query else "")
    note(f"Watch the bubble at {page} and stop with Ctrl-C.")
    with suppress(KeyboardInterrupt), hanging_up_terminates():  # Ctrl-C is the usual way to stop
        serve(host, number, open_browser=None if no_open else page)


def check_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before anything is compiled."""
    from bubble_abm.economy.declare import InvalidInput

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except (OSError, UnicodeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InvalidInput(f"{host}:{port}: cannot listen there, {reason}: give another --host or --port") from None
