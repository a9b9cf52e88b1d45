"""`tfmatting serve`: the page in a browser, and an optional HTTP API."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tfmatting.cli.api_arguments import add_api_options
from tfmatting.errors import InputError

TOKEN = "TFMATTING_TOKEN"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("--port", type=int, default=8017, metavar="N", help="0 for any that is free")
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="to listen at")
    add("--open", action="store_true", help="open the page in the browser")
    add("--write", type=Path, metavar="DIR", help="write the page for any web server, and end")
    add_api_options(parser, TOKEN)


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; or write the page and end."""
    from tfmatting.serving.page import Page
    from tfmatting.serving.server import LOOPBACK, make_server, serve

    if not 0 <= arguments.port <= 65535:
        raise InputError(f"A port is between 0 and 65535. Received: {arguments.port}.")
    for name in ("delegate", "token"):
        if getattr(arguments, name) and not arguments.api:
            raise InputError(
                f"The page runs its models in the browser; --{name} is the API's. Give --api, too. "
                f"Received: --{name} {getattr(arguments, name)}."
            )
    page = Page()
    if arguments.write:
        count = page.write(arguments.write)
        print(f"{count} files written: {arguments.write} (headers to send: headers.txt)")
        return 0
    if not arguments.api:
        return serve(make_server(page, arguments.host, arguments.port), arguments.open, print)
    from tfmatting.inference import load
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
    predictor = load(arguments.model, threads=arguments.threads, delegate=arguments.delegate)
    return run_api(page, *where, predictor, token, limits, arguments.open, print)
