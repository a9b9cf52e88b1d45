"""Joins a Ray cluster, or starts one on this machine."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

from tfmatting.errors import InputError, MissingExtraError
from tfmatting.processes import cores

LOCAL = "local"
"""The address of a cluster that is started on this machine and ends with the run."""


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """Join the cluster at an address, or start one that ends with the block.

    Args:
        address: "local", "auto" or `host:port`.

    Yields:
        The module `ray`.

    Raises:
        InputError: no cluster there.
        MissingExtraError: Ray is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "300")  # a busy machine is slow
    try:
        import ray
        import ray.data  # the module does not bring it
    except ImportError as error:
        raise MissingExtraError(
            "A cluster needs Ray. Run `pip install 'tfmatting[cluster]'` on every node."
        ) from error
    own: dict[str, Any] = {}
    if address == LOCAL:  # an address of the network would be asked for, and others let in
        own = {"num_cpus": cores(), "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except Exception as error:  # Ray raises bare ones, as when a busy machine starts too slowly
        raise InputError(f"No Ray cluster at {address!r}: {error}") from error
    try:
        yield ray
    finally:
        ray.shutdown()
