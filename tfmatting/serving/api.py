"""An HTTP API beside the page: `POST /matte` takes a photo and answers with a PNG.

It fetches nothing, writes nothing that stays, and refuses what is too large, too much or too slow.
"""

from __future__ import annotations

import asyncio
import hmac
import signal
import socket
import webbrowser
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfmatting.errors import MissingExtraError
from tfmatting.inference import Predictor
from tfmatting.serving.documentation import documentation_page, openapi
from tfmatting.serving.page import HEADERS, Page
from tfmatting.serving.server import LOOPBACK, address, usable

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request


ENDS = (signal.SIGINT, signal.SIGTERM)

MOST_CONNECTIONS = 500
"""Further ones are told to come again; each takes a file descriptor."""


@dataclass(frozen=True)
class Limits:
    """Limits of a request.

    Attributes:
        megabytes: of its body.
        megapixels: of a photo, looked up before it is decoded.
        requests: at a time; the next is told to come again.
        seconds: until its answer.
    """

    megabytes: int = 25
    megapixels: int = 50
    requests: int = 8
    seconds: int = 60


def make_app(
    page: Page,
    predictor: Predictor,
    *,
    host: str = "127.0.0.1",
    token: str | None = None,
    limits: Limits | None = None,
) -> Starlette:
    """Make the application: the page, `/matte`, `/api` (documentation) and `/openapi.json`.

    Args:
        page: see `Page`.
        predictor: what cuts out; one request at a time uses it.
        host: address it will listen at; at a loopback address, other host names are refused
            (DNS rebinding).
        token: needed as `Authorization: Bearer TOKEN` when given.
        limits: see `Limits`.

    Raises:
        MissingExtraError: the extra "serve" is missing.
    """
    try:
        from starlette.applications import Starlette
        from starlette.middleware import Middleware
        from starlette.middleware.trustedhost import TrustedHostMiddleware
        from starlette.requests import ClientDisconnect
        from starlette.responses import HTMLResponse, JSONResponse, Response
        from starlette.routing import Route

        from tfmatting.serving.matte_request import (
            RefusalError,
            drain,
            matte_png,
            read_request,
        )
    except ImportError as error:
        raise MissingExtraError(
            "The HTTP API needs Starlette, uvicorn, python-multipart and Pillow. Run "
            "`pip install 'tfmatting[serve]'`."
        ) from error
    limits = limits or Limits()
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="matte")
    running: set[asyncio.Future] = set()

    async def matte(request: Request) -> Response:
        try:
            _admit(request, token, RefusalError)
            if len(running) >= limits.requests:
                raise RefusalError(503, f"{limits.requests} requests are running. Come again.")
            ticket = asyncio.get_running_loop().create_future()
            running.add(ticket)
            try:
                async with asyncio.timeout(limits.seconds):
                    job = await read_request(request, limits)
                    result = asyncio.wrap_future(worker.submit(matte_png, predictor, job))
                    # a thread cannot be stopped; its slot stays taken until it finishes
                    running.add(result)
                    result.add_done_callback(running.discard)
                    running.discard(ticket)
                    png = await asyncio.shield(result)
            except TimeoutError:
                raise RefusalError(504, f"Not done in {limits.seconds} seconds.") from None
            finally:
                running.discard(ticket)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except RefusalError as refusal:
            await drain(request)
            extra = {"Retry-After": "2"} if refusal.status == 503 else {}
            if refusal.status == 401:
                extra["WWW-Authenticate"] = "Bearer"
            return JSONResponse({"error": refusal.message}, refusal.status, {**HEADERS, **extra})
        return Response(png, 200, {**HEADERS, "Cache-Control": "no-store"}, "image/png")

    async def document(request: Request) -> Response:
        return HTMLResponse(documentation_page(limits, token is not None), headers=HEADERS)

    async def schema(request: Request) -> Response:
        return JSONResponse(openapi(limits, token is not None), headers=HEADERS)

    async def file(request: Request) -> Response:
        received = request.headers
        answer = page.answer(
            request.url.path,
            received.get("accept-encoding", ""),
            received.get("if-none-match", ""),
        )
        return Response(answer.body, answer.status, answer.headers)

    @asynccontextmanager
    async def lifespan(app: Starlette):
        yield
        worker.shutdown(wait=False, cancel_futures=True)

    hosts = ["localhost", "127.0.0.1"] if host in LOOPBACK else ["*"]
    return Starlette(
        routes=[
            Route("/matte", matte, methods=["POST"]),
            Route("/api", document),
            Route("/openapi.json", schema),
            Route("/{path:path}", file),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)],
        lifespan=lifespan,
    )


def _admit(request: Request, token: str | None, refusal: type[Exception]) -> None:
    """Refuse other sites' pages, and callers without the token."""
    origin = request.headers.get("origin")
    if origin and origin.split("://")[-1] != request.headers.get("host"):
        raise refusal(403, f"Pages of other sites may not call. Received: origin {origin}.")
    if token:
        received = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(received.encode(), token.encode()):
            raise refusal(401, "A token is needed: Authorization: Bearer TOKEN.")


def run_api(
    page: Page,
    host: str,
    port: int,
    predictor: Predictor,
    token: str | None,
    limits: Limits,
    open_browser: bool,
    report: Callable[[str], None],
) -> int:
    """Serve the page and the API until interrupted; arguments as `make_app` and `serve`."""

    app = make_app(page, predictor, host=host, token=token, limits=limits)
    with bind(host, port) as listening, suppress(KeyboardInterrupt):
        where = address(host, listening.getsockname()[1])
        report(f"The page is at {where}, the API's documentation at {where}api (Ctrl+C ends)")
        if open_browser:
            webbrowser.open(where)
        listen(app, listening)
    return 0


def bind(host: str, port: int) -> socket.socket:
    """A socket whose clients wait until `listen` takes them; port 0 for any that is free.

    Raises:
        InputError: the port is taken, or the address is not this machine's.
    """
    with usable(host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)


def listen(app: Starlette, listening: socket.socket) -> None:
    """Serve until interrupted, and answer the requests that are running."""
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn's own raises the signal again, which would count as a second Ctrl-C
            ways = {number: signal.signal(number, self.handle_exit) for number in ENDS}
            try:
                yield
            finally:
                for number, way in ways.items():
                    signal.signal(number, way)

    settings = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
    )
    Server(settings).run(sockets=[listening])
