"""Starts `ray_serve.py` on this machine, asks it 16 times at once, and ends it.

python examples/serving/check_ray_serve.py photo.jpg cutout.png
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "300"}

import ray
from ray import serve
from ray_serve import Matting

ADDRESS = "http://127.0.0.1:8000/matte"


def ask(photo: bytes) -> tuple[int, bytes]:
    """POST a photo; return the status and the answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(ADDRESS, photo)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def main(photo: Path, output: Path) -> None:
    ray.init(address="local", _node_ip_address="127.0.0.1", include_dashboard=False)
    serve.run(Matting.options(num_replicas=1, autoscaling_config=None).bind())
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, [photo.read_bytes()] * 16))
    broken, _ = ask(photo.read_bytes()[:200])
    serve.shutdown()
    ray.shutdown()
    if {status for status, _ in answers} != {200} or len(set(answers)) != 1:
        sys.exit(f"Answers differ or fail: {[status for status, _ in answers]}")
    output.write_bytes(answers[0][1])
    print(f"{len(answers)} answers, all the same; a broken photo: {broken}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
