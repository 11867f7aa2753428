"""Serve the page: by default on loopback only, with all scripts and fonts from this machine."""

from __future__ import annotations

import os
import threading
import warnings
import webbrowser
from typing import Any
from urllib.parse import urlsplit

OWN_NAMES = ("127.0.0.1", "localhost", "::1")


def configured() -> Any:
    """Return the web application, which neither fetches anything from the internet nor sends anything there."""
    os.environ["SOLARA_APP"] = "bubble_abm.page.page"
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "false"
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.theme.variant = (
        settings.ThemeVariant.light
    )  # the page has a theme of its own; "auto" ends in an empty page
    settings.theme.loader = "plain"
    settings.theme.title = "bubble_abm"
    settings.kernel.cull_timeout = "10m"
    # Solara warns on each visit that a page without https cannot be embedded in another site, which is not intended.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    from solara.server.starlette import app

    return with_documents(app)


def with_documents(app: Any) -> Any:
    """Return the web application with a route to the documents before its own, of which the last takes everything."""
    from starlette.routing import Route

    from bubble_abm.page.documents import FOLDER, answer

    if FOLDER not in [getattr(route, "name", "") for route in app.router.routes]:
        app.router.routes.insert(0, Route(f"/{FOLDER}/{{name:path}}", answer, name=FOLDER))
    return app


def warm_up() -> None:
    """Compile or load the month, and run the seeds of the standard economy, so that the first visitor does not wait."""
    from bubble_abm.page.threads import start_all
    from bubble_abm.page.typical import typical_seed

    start_all()
    typical_seed()


class Guard:
    """Admits only requests for this server's own names, and from its own pages.

    Loopback keeps other machines out, but not another site in the same browser: one whose host name resolves to this
    machine (DNS rebinding) is known by the header Host, and one that opens a socket to it by the header Origin.

    Parameters
    ----------
    app : ASGI application
        What answers those that are admitted.
    names : tuple of str
        Valid host names; empty if they are not known, because the page is open to other machines on purpose.
    """

    def __init__(self, app: Any, names: tuple[str, ...]) -> None:
        self.app, self.names = app, names

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket") or admitted(dict(scope["headers"]), self.names):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"not a page of this server"})


def admitted(headers: dict[bytes, bytes], names: tuple[str, ...]) -> bool:
    """Whether a request is for one of this server's names, and comes from a page of this server if from any."""
    host, origin = (headers.get(name, b"").decode("latin-1").lower() for name in (b"host", b"origin"))
    if names and urlsplit(f"//{host}").hostname not in names:
        return False
    return not origin or urlsplit(origin).netloc == host


def guarded(app: Any, host: str) -> Any:
    """Return the application, on loopback restricted to this machine's own names, and everywhere to its own pages."""
    return Guard(app, OWN_NAMES if host in OWN_NAMES else ())


def address_of(host: str, port: int) -> str:
    """Return the address to type into a browser on this machine.

    Examples
    --------
    >>> address_of("0.0.0.0", 8765), address_of("::1", 80)
    ('http://127.0.0.1:8765/', 'http://[::1]:80/')
    """
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"


def serve(host: str, port: int, *, open_browser: str | None) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    host : str
        Address to listen on; any but loopback admits other machines.
    port : int
        Port to listen on.
    open_browser : str, optional
        Address to open in the default browser.
    """
    import uvicorn

    from bubble_abm.page.threads import stop_all

    app = guarded(configured(), host)
    if open_browser:
        threading.Timer(1.5, webbrowser.open, [open_browser]).start()
    try:
        uvicorn.run(app, host=host, port=port, log_level="warning", loop="asyncio", timeout_graceful_shutdown=1)
    finally:
        stop_all()
