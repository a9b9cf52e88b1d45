"""Ray Data on one machine: the files of `matte`, and photos whose process dies."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.namespaces import in_namespace
from tfmatting.photos import cluster
from tfmatting.photos.folder import matte_folder
from tfmatting.photos.jobs import MatteJob
from tfmatting.photos.manifest import read_manifest
from tfmatting.photos.processor import MatteResult


@pytest.fixture
def photos(tmp_path):
    skimage = pytest.importorskip("skimage.data", reason="photos come with scikit-image")
    from tfmatting.imaging.io import write_image

    for name in ("a.jpg", "deep/b.jpg", "deep/c.jpg"):
        write_image(tmp_path / "in" / name, skimage.astronaut()[::3, ::3])
    (tmp_path / "in" / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    return tmp_path / "in"


@pytest.mark.slow
def test_a_cluster_writes_the_files_of_matte(tmp_path, photos):
    pytest.importorskip("ray.data", reason="the extra `cluster` is not installed")
    if not shutil.which("unshare") or in_namespace(["true"]).returncode:
        pytest.skip("no network namespaces here (unshare -n)")
    matte_folder(photos, tmp_path / "one", model="portrait_lite", recursive=True)
    words = [sys.executable, "-m", "tfmatting", "library", photos, "-o", tmp_path / "ray"]
    words += ["--ray", "local", "--model", "portrait_lite", "--manifest", tmp_path / "m.parquet"]
    done = in_namespace(words)
    assert done.returncode == 2, done.stderr
    assert "3 of 4 written" in done.stdout and "broken.jpg is truncated" in done.stderr
    for path in (tmp_path / "one").rglob("*.png"):
        own = tmp_path / "ray" / path.relative_to(tmp_path / "one")
        assert own.read_bytes() == path.read_bytes()
    rows = read_manifest(tmp_path / "m.parquet")
    assert sorted(bool(row["error"]) for row in rows) == [False, False, False, True]


def test_jobs_and_results_come_through_arrow_as_they_were(tmp_path):
    pytest.importorskip("pyarrow")
    import pyarrow

    jobs = [MatteJob(Path("a, b.jpg"), tmp_path / "a.png"), MatteJob(Path("c"), Path("d"), "no")]
    tables = list(cluster._tables(enumerate(jobs, 5), 1))
    assert [entry for table in tables for entry in cluster._jobs(table)] == [
        (5, jobs[0]), (6, jobs[1]),
    ]  # fmt: skip
    good = MatteResult(Path("a.jpg"), Path("a.png"), (3, 4), 0.5, 2.0, notes=("turned",))
    bad = MatteResult(Path("b.jpg"), Path("b.png"), error=ValueError("broken"))
    rows = [cluster._row(number, one) for number, one in enumerate((good, bad))]
    table = pyarrow.Table.from_pylist(rows, cluster._schema())
    back = [cluster._result(row) for row in table.to_pylist()]
    assert back[0] == good
    assert (back[1].photo, str(back[1].error)) == (bad.photo, "broken")


def test_blocks_are_small_and_not_too_many():
    assert [cluster._size(count, 4) for count in (3, 40, 10_000)] == [1, 2, 8]
    assert cluster._size(10**8, 1000) == 2000


def test_photos_of_lost_blocks_are_tried_by_themselves_and_then_fail(monkeypatch):
    """The fake loses a block with photo 2 always, and one with photo 5 once."""
    import contextlib

    pytest.importorskip("pyarrow")

    class Ray:
        put = get = staticmethod(lambda value: value)

    runs = []

    def rows(ray, tables, settings, workers):
        runs.append([table.num_rows for table in tables])
        for table in tables:
            numbers = table.column("number").to_pylist()
            if 2 in numbers or (5 in numbers and len(numbers) > 1):
                continue
            for number, job in cluster._jobs(table):
                yield cluster._row(number, MatteResult(job.photo, job.output))

    monkeypatch.setattr(cluster, "connected", lambda address: contextlib.nullcontext(Ray()))
    monkeypatch.setattr(cluster, "_prepare", lambda ray: None)
    monkeypatch.setattr(cluster, "_check", lambda ray, settings: None)
    monkeypatch.setattr(cluster, "_rows", rows)
    jobs = [MatteJob(Path(f"{n}.jpg"), Path(f"{n}.png")) for n in range(16)]
    done = list(cluster.matte_on_cluster(None, jobs, "auto", 2))
    assert sorted(number for number, _ in done) == list(range(16))
    assert [number for number, result in done if result.error] == [2]
    assert "2.jpg ended twice" in str(dict(done)[2].error)
    assert runs == [[2] * 8, [1] * 4]
