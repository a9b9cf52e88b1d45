"""A library of photos with one process, the pool and Ray: ratios, bytes and memory, in one run.

    unshare -n sh -c "ip link set lo up; python benchmarks/library.py PHOTOS --counts 300 1200"
    python benchmarks/library.py --names 1000 100000 1000000

The first copies the photos of a folder under new names until there are as many as asked for, times
each way on them and compares the files. The second lists so many names with a job that does
nothing, and prints the peak memory of the process that lists them.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tfmatting.photos import folder
from tfmatting.photos.processor import MatteResult
from tfmatting.processes import cores

WAYS = {
    "one process": ["matte", "--recursive", "--workers", "1"],
    "pool": ["matte", "--recursive", "--workers", str(cores())],
    "Ray": ["library", "--ray", "local"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs="?", help="a folder of small photos")
    parser.add_argument("--counts", type=int, nargs="+", default=[300, 1200])
    parser.add_argument("--names", type=int, nargs="+", default=[])
    parser.add_argument("--work", type=Path, default=Path("library_benchmark"))
    parser.add_argument("--model", default="portrait_lite")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    arguments = parser.parse_args()
    for count in arguments.names:
        print(f"{count} names: {peak(count):.0f} MB", flush=True)
    if arguments.photos:
        for count in arguments.counts:
            print(compare(count, arguments), flush=True)


def compare(count: int, arguments: argparse.Namespace) -> str:
    """A line with the time of each way as a part of the first one's, and whether files agree."""
    shutil.rmtree(arguments.work, ignore_errors=True)
    photos = arguments.work / "photos"
    sources = sorted(arguments.photos.rglob("*.jpg"))
    for number, source in enumerate(itertools.islice(itertools.cycle(sources), count)):
        target = photos / f"{number // 1000:03d}" / f"{number:06d}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source.resolve())
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    seconds, sums = {}, {}
    for way in arguments.ways:
        command, *options = WAYS[way]
        out = arguments.work / way.replace(" ", "_")
        words = [command, str(photos), "-o", str(out), *options, "--model", arguments.model]
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tfmatting", *words], capture_output=True, text=True
        )
        if done.returncode not in (0, 2):
            sys.exit(f"{way}: {done.stderr[-2000:]}")
        seconds[way] = time.monotonic() - start
        sums[way] = digest(out)
    first = seconds[arguments.ways[0]]
    ratios = ", ".join(f"{way} {first / seconds[way]:.2f} times as fast" for way in arguments.ways)
    same = "the same bytes" if len(set(sums.values())) == 1 else "DIFFERENT BYTES"
    rate = 3600 * count / first
    return f"{count} photos: {ratios}; {same}; one process {rate:.0f} photos an hour"


def digest(out: Path) -> str:
    """One sum of all files of a folder and their names."""
    whole = hashlib.sha256()
    for path in sorted(out.rglob("*.png")):
        whole.update(str(path.relative_to(out)).encode() + path.read_bytes())
    return whole.hexdigest()


def peak(count: int) -> float:
    """Peak memory in MB of a process that lists names and does nothing with them."""
    words = [sys.executable, __file__, "--list-only", str(count)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def list_only(count: int) -> None:
    """List a folder of made-up names through `matte_folder`; print the peak memory."""
    from tfmatting.imaging.photo_files import listing

    class Idle:
        def __init__(self, *_: object):
            pass

        def run(self, job):
            return MatteResult(job.photo, job.output, (3, 4), 0.5, 1.0)

    def names(place):  # in no order, as folders give them
        return ((f"IMG_{number * 7919 % count:09d}.jpg", False) for number in range(count))

    listing._entries, folder.PhotoProcessor = names, Idle
    report = folder.matte_folder(".", "library_names", workers=1, each=lambda result: None)
    assert report.total == count
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--list-only"]:
        list_only(int(sys.argv[2]))
    else:
        main()
