"""What a library of photos survives: nothing is lost and nothing is done twice.

    unshare -n sh -c "ip link set lo up; python benchmarks/library_faults.py PHOTOS"

Runs `tfmatting matte --workers 2` and `tfmatting library --ray` on two nodes of this machine, and
in each run does one of the things that go wrong: a process is killed, a node is lost, the disk is
full, Ctrl-C. Then the same command continues, and what is there is compared with an undisturbed
run. Needs the extra `cluster`, and root for the small disk.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tfmatting.photos.manifest import read_manifest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, help="a folder of some dozens; every 100th broken")
    parser.add_argument("--work", type=Path, default=Path("library_faults"))
    parser.add_argument("--model", default="portrait_lite")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    arguments.work.mkdir(parents=True)
    print("| | fault | after the fault | written | failed | missing | rows twice | same bytes |")
    print("|---|---|---|---|---|---|---|---|")
    plain = Run("one process", ["matte", "--recursive", "--workers", "1"], arguments)
    plain.report("none", plain, plain.start().wait())
    pool = Run("pool", ["matte", "--recursive", "--resume", "--workers", "2"], arguments)
    for name, fault in (("none", no_fault), *FAULTS.items()):
        pool.disturbed(name, fault, plain)
    with_ray(arguments, plain)


def with_ray(arguments: argparse.Namespace, plain: Run) -> None:
    """The same on two nodes, with one of them lost at last."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "600"}
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = cluster.add_node(num_cpus=1)
    words = ["library", "--ray", cluster.address]
    ray = Run("Ray, two nodes", words, arguments)

    def node(process: subprocess.Popen, out: Path) -> None:
        cluster.remove_node(second, allow_graceful=False)

    for name, fault in (("none", no_fault), *FAULTS.items(), ("a node of two is lost", node)):
        ray.disturbed(name, fault, plain)
    cluster.shutdown()


class Run:
    """A command with its outputs and its manifest."""

    def __init__(self, name: str, words: list[str], arguments: argparse.Namespace):
        self.name, self.photos, self.model = name, arguments.photos, arguments.model
        self.out = arguments.work / name.replace(" ", "_").replace(",", "")
        self.manifest = self.out.with_suffix(".csv")
        self._words = words

    def start(self) -> subprocess.Popen:
        command, *options = self._words
        words = [command, self.photos, "-o", self.out, *options, "--model", self.model]
        words += ["--manifest", self.manifest]
        return subprocess.Popen(
            [sys.executable, "-m", "tfmatting", *map(str, words)],
            stdout=subprocess.DEVNULL, stderr=self.out.with_suffix(".log").open("w"),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    def disturbed(self, name: str, fault: Callable, plain: Run) -> None:
        """Run, do the fault once a fifth is done, and run again."""
        shutil.rmtree(self.out, ignore_errors=True)
        self.manifest.unlink(missing_ok=True)
        small = mounted(self.out, plain) if fault is full_disk else None
        process = self.start()
        wanted = len(outputs(plain.out)) // 5
        while len(outputs(self.out)) < wanted and process.poll() is None:
            time.sleep(0.05)
        fault(process, self.out)
        code = process.wait()
        half = f"code {code}, {len(outputs(self.out))} there"
        if small:
            subprocess.run(["mount", "-o", "remount,size=1G", str(self.out)], check=True)
        self.report(name, plain, self.start().wait(), half)
        if small:
            subprocess.run(["umount", str(self.out)], check=True)

    def report(self, name: str, plain: Run, code: int, half: str = "") -> None:
        """Print a row: what is there now, against an undisturbed run."""
        own, whole = outputs(self.out), outputs(plain.out)
        rows = read_manifest(self.manifest)
        twice = sum(count - 1 for count in Counter(row["photo"] for row in rows).values())
        failed = sum(bool(row["error"]) for row in rows)
        missing = len({row["photo"] for row in read_manifest(plain.manifest)}) - len(rows)
        same = own == whole and not list(self.out.rglob(".writing-*"))
        print(f"| {self.name} | {name} | {half} | {len(own)} | {failed} | {missing} | {twice} "
              f"| {'yes' if same else 'NO'} |", flush=True)  # fmt: skip


def outputs(folder: Path) -> dict[str, bytes]:
    """The finished files by their name below a folder."""
    found = {}
    for path in folder.rglob("*.png"):
        with suppress(OSError):
            if ".writing-" not in str(path):
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def mounted(out: Path, plain: Run) -> bool:
    """Put a disk under the outputs that holds a third of them."""
    size = sum(len(data) for data in outputs(plain.out).values()) // 3
    out.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(out)], check=True)
    return True


def no_fault(process: subprocess.Popen, out: Path) -> None:
    """Nothing goes wrong."""


def killed(process: subprocess.Popen, out: Path) -> None:
    """Kill a process that works on photos."""
    for pid in workers_of(process.pid)[:1]:
        os.kill(pid, signal.SIGKILL)


def killed_often(process: subprocess.Popen, out: Path) -> None:
    """Kill one again and again: some photo is lost twice."""
    for _ in range(6):
        killed(process, out)
        before, end = len(outputs(out)), time.monotonic() + 30
        while process.poll() is None and len(outputs(out)) == before and time.monotonic() < end:
            time.sleep(0.1)


def full_disk(process: subprocess.Popen, out: Path) -> None:
    """The disk is small from the start."""


def interrupted(process: subprocess.Popen, out: Path) -> None:
    """Ctrl-C."""
    process.send_signal(signal.SIGINT)


FAULTS = {
    "SIGKILL of a process": killed,
    "six SIGKILLs": killed_often,
    "full disk": full_disk,
    "Ctrl-C": interrupted,
}


def workers_of(parent: int) -> list[int]:
    """The processes of a pool, or those of Ray Data."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = folder.joinpath("cmdline").read_bytes()
            state = folder.joinpath("stat").read_text().rpartition(")")[2].split()
            pooled = b"spawn_main" in words and int(state[1]) == parent
            if pooled or words.startswith(b"ray::MapWorker"):
                found.append(int(folder.name))
    return found


if __name__ == "__main__":
    main()
