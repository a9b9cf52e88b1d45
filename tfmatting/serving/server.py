"""A small server of the page, from the standard library."""

from __future__ import annotations

import contextlib
import os
import sys
import webbrowser
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tfmatting.errors import InputError
from tfmatting.serving.page import Page
from tfmatting.version import __version__

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def make_server(page: Page, host: str = "127.0.0.1", port: int = 8017) -> ThreadingHTTPServer:
    """Bind a server of the page; `serve_forever` runs it.

    Args:
        page: see `Page`.
        host: address to listen at.
        port: 0 for any that is free.

    Raises:
        InputError: the port is taken, or the address is not this machine's.
    """

    class Handler(BaseHTTPRequestHandler):
        server_version = f"tfmatting/{__version__}"
        sys_version = ""
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self):
            self._send(with_body=True)

        def do_HEAD(self):
            self._send(with_body=False)

        def _send(self, with_body: bool) -> None:
            received = self.headers
            answer = page.answer(
                self.path, received.get("Accept-Encoding", ""), received.get("If-None-Match", "")
            )
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if with_body:
                self.wfile.write(answer.body)

        def log_message(self, format, *arguments):
            """Do not log requests."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """Say nothing of connections that clients end."""
            if not isinstance(sys.exception(), ConnectionError | TimeoutError):
                super().handle_error(request, client_address)

    with usable(host, port):
        return Server((host, port), Handler)


@contextlib.contextmanager
def usable(host: str, port: int) -> Iterator[None]:
    """Say which port was wanted where binding it fails."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        # names that lead nowhere have numbers of their own, below 0
        reason = os.strerror(number) if number > 0 else error.strerror
        raise InputError(
            f"Port {port} at {host} cannot be used ({reason}). Give another --port."
        ) from error


def address(host: str, port: int) -> str:
    """The address of the page."""
    shown = "localhost" if host in LOOPBACK else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def serve(server: ThreadingHTTPServer, open_browser: bool, report: Callable[[str], None]) -> int:
    """Print the address of the page and serve it until interrupted.

    Args:
        server: see `make_server`.
        open_browser: show the page in the browser.
        report: takes lines for the user.

    Returns:
        0: an interrupt is how a server ends.
    """
    host, port = server.server_address[:2]
    where = address(str(host), int(port))
    report(f"The page is at {where} (Ctrl+C ends)")
    if open_browser:
        webbrowser.open(where)
    with server, contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0
