"""Serve the page: by default on loopback only, with all scripts and fonts from this machine."""

from __future__ import annotations

import os
import threading
import warnings
import webbrowser
from typing import Any

OWN_NAMES = ("127.0.0.1", "localhost")


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

    return app


def warm_up() -> None:
    """Compile or load the month, and run the seeds of the standard economy, so that the first visitor does not wait."""
    from bubble_abm.page.typical import typical_seed

    typical_seed()


def guarded(app: Any, host: str) -> Any:
    """Return the application, restricted on loopback to requests for this machine's own names.

    Loopback keeps other machines out, but not another site in the same browser whose host name resolves to this
    machine (DNS rebinding). On other hosts the valid names are not known, and the page is open to others on purpose.
    """
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    return TrustedHostMiddleware(app, allowed_hosts=list(OWN_NAMES)) if host in OWN_NAMES else app


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

    app = guarded(configured(), host)
    if open_browser:
        threading.Timer(1.5, webbrowser.open, [open_browser]).start()
    uvicorn.run(app, host=host, port=port, log_level="warning", loop="asyncio", timeout_graceful_shutdown=1)
