"""Build the source archive and the wheel so that two builds of one commit are equal.

python tools/build_distributions.py dist

Builds twice from copies of the tracked files (and the built page), compares the bytes, and writes
them with their SHA-256. SOURCE_DATE_EPOCH dates every entry. Exit code 1 where the builds differ.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = Path("tfmatting/page")


def repacked(archive: bytes, date: int) -> bytes:
    """Return a `.tar.gz` in one order, with one date and no owner, whoever packed it."""
    plain = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as source,
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as target,
    ):
        for entry in sorted(source.getmembers(), key=lambda entry: entry.name):
            content = source.extractfile(entry) if entry.isfile() else None
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = date, 0, 0, "", ""
            entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
            entry.pax_headers = {}
            target.addfile(entry, content)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=date, compresslevel=9) as file:
        file.write(plain.getvalue())
    return packed.getvalue()


def copy_sources(folder: Path) -> None:
    """Copy the tracked files and the built page, as they are now."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    paths = [Path(name) for name in names.split("\0") if name]
    paths += [path.relative_to(ROOT) for path in (ROOT / PAGE).rglob("*") if path.is_file()]
    for path in paths:
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)


def build(sources: Path, folder: Path, date: int) -> dict[str, bytes]:
    """Build from a copy of the sources; file name -> its bytes."""
    source, output = folder / "source", folder / "dist"
    shutil.copytree(sources, source)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(output)]
    command.append(str(source))
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(date)}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    built = {path.name: path.read_bytes() for path in output.iterdir()}
    return {
        name: repacked(data, date) if name.endswith(".tar.gz") else data
        for name, data in built.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="folder of the archives")
    arguments = parser.parse_args()
    date = int(os.environ["SOURCE_DATE_EPOCH"])
    if not (ROOT / PAGE).is_dir():
        parser.error("A wheel carries the page, which is not built. Run `make page`.")
    with tempfile.TemporaryDirectory() as folder:
        sources, first, second = (Path(folder) / name for name in ("sources", "first", "second"))
        copy_sources(sources)
        one, other = build(sources, first, date), build(sources, second, date)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, data in sorted(one.items()):
        (arguments.output / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        print(f"{digest}  {name}{'' if other.get(name) == data else '  DIFFERS'}")
    return int(one != other)


if __name__ == "__main__":
    sys.exit(main())
