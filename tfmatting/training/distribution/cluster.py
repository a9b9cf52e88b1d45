"""The workers of a run as `TF_CONFIG` lists them."""

from __future__ import annotations

import json
import os

from tfmatting.errors import InputError

VARIABLE = "TF_CONFIG"
EXAMPLE = (
    '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}'
)


def read_cluster() -> tuple[int, int]:
    """This worker's number, from 0, and how many there are.

    The chief is number 0: the task "chief" where there is one, else the first worker.

    Raises:
        InputError: no `TF_CONFIG`, or one that is no cluster of workers.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        raise InputError(
            f"Several workers find each other through {VARIABLE}. Received: none. Set it on each, "
            f"such as {EXAMPLE}, or use --strategy mirrored for the GPUs of one machine."
        )
    try:
        document = json.loads(text)
        cluster, task = document["cluster"], document["task"]
        kind, index = str(task["type"]), int(task["index"])
        counts = {job: len(addresses) for job, addresses in cluster.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{VARIABLE} is JSON with a cluster and a task, such as {EXAMPLE}. Received: {text}."
        ) from error
    if set(counts) - {"chief", "worker"} or not counts or counts.get("chief", 1) != 1:
        raise InputError(
            f"A cluster has workers, and one chief at most. Received: {counts} in {VARIABLE}."
        )
    if kind not in counts or not 0 <= index < counts[kind]:
        raise InputError(
            f"The task is one of the cluster's. Received: {kind} {index} of {counts} in {VARIABLE}."
        )
    before = counts.get("chief", 0) if kind == "worker" else 0
    return before + index, sum(counts.values())
