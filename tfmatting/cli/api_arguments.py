"""The arguments of `serve --api`."""

from __future__ import annotations

import argparse

from tfmatting.cli.arguments import positive


def add_api_options(parser: argparse.ArgumentParser, variable: str) -> None:
    """Add what the HTTP API of `serve` takes; `variable` of the environment may hold its token."""
    add = parser.add_argument
    add("--api", action="store_true", help="answer POST /matte, too (extra: serve)")
    add("--token", metavar="WORD", help=f"of the API; the variable {variable} serves, too")
    add("--model", default="portrait", metavar="FILE", help="of the API")
    add("--threads", type=positive, help="of the API's model; all when omitted")
    add("--delegate", metavar="LIBRARY", help="runs the API's .tflite model: libedgetpu.so.1")
    add("--max-megabytes", type=positive, default=25, metavar="N", help="of a photo, API")
    add("--max-megapixels", type=positive, default=50, metavar="N", help="of a photo, API")
    add("--max-requests", type=positive, default=8, metavar="N", help="at a time, API")
    add("--timeout", type=positive, default=60, metavar="S", help="seconds a request, API")
