"""`tfmatting serve`: the page in a browser, and an optional HTTP API."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tfmatting.cli.arguments import positive
from tfmatting.errors import InputError

TOKEN = "TFMATTING_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("--port", type=int, default=8017, metavar="N", help="0 for any that is free")
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="to listen at")
    add("--open", action="store_true", help="open the page in the browser")
    add("--write", type=Path, metavar="DIR", help="write the page for any web server, and end")
    add("--api", action="store_true", help="answer POST /matte, too (extra: serve)")
    add("--token", metavar="WORD", help=f"of the API; the variable {TOKEN} serves, too")
    add("--model", default="portrait", metavar="FILE", help="of the API")
    add("--threads", type=positive, help="of the API's model; all when omitted")
    add("--max-megabytes", type=positive, default=25, metavar="N", help="of a photo, API")
    add("--max-megapixels", type=positive, default=50, metavar="N", help="of a photo, API")
    add("--max-requests", type=positive, default=8, metavar="N", help="at a time, API")
    add("--timeout", type=positive, default=60, metavar="S", help="seconds a request, API")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; or write the page and end."""
    from tfmatting.serving.page import Page
    from tfmatting.serving.server import LOOPBACK, make_server, serve

    if not 0 <= arguments.port <= 65535:
        raise InputError(f"A port is between 0 and 65535. Received: {arguments.port}.")
    page = Page()
    if arguments.write:
        count = page.write(arguments.write)
        print(f"{count} files written: {arguments.write} (headers to send: headers.txt)")
        return 0
    if not arguments.api:
        return serve(make_server(page, arguments.host, arguments.port), arguments.open, print)
    from tfmatting.serving.api import Limits, run_api

    token = arguments.token or os.environ.get(TOKEN)
    if arguments.host not in LOOPBACK and not token:
        raise InputError(
            f"An API that others can reach needs a token. Received: --host {arguments.host} "
            f"without one. Give --token, or set {TOKEN}."
        )
    megabytes, megapixels = arguments.max_megabytes, arguments.max_megapixels
    limits = Limits(megabytes, megapixels, arguments.max_requests, arguments.timeout)
    where = (arguments.host, arguments.port)
    return run_api(
        page, *where, arguments.model, arguments.threads, token, limits, arguments.open, print
    )
