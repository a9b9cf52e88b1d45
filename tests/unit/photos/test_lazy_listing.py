"""Folders of any size: the same jobs as from a list in memory, and no memory."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tfmatting import ordering
from tfmatting.imaging.photo_files import listing
from tfmatting.photos.clashes import told_apart
from tfmatting.photos.job_list import list_jobs
from tfmatting.photos.jobs import MatteJob, Naming
from tfmatting.photos.photo_table import PhotoTable

PARTS = ("a", "b", "_", "-", "_cutout", "_heat", "_jpg", "1", ".")
SUFFIXES = (".jpg", ".JPG", ".png", ".webp")
MOST = 25.0
"""Megabytes that 100 times the names may cost; a list of their jobs takes about 100."""

MANY = """
import resource, sys
from pathlib import Path
from tfmatting.imaging.photo_files import listing
from tfmatting.photos import folder
from tfmatting.photos.processor import MatteResult

names = [int(sys.argv[1])]
listing._entries = lambda place: ((f"IMG_{n * 7919 % names[0]:07d}.jpg", False)
                                  for n in range(names[0]))

class Fake:
    def __init__(self, settings, behind): pass
    def run(self, job): return MatteResult(job.photo, job.output, (3, 4), 0.5, 1.0)

folder.PhotoProcessor = Fake
seen = [0]
def each(result): seen[0] += 1
report = folder.matte_folder(".", "out", workers=1, manifest="m.csv", each=each)
assert report.total == seen[0] == names[0], report
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak(count, folder):
    folder.mkdir()
    words = [sys.executable, "-c", MANY, str(count)]
    return float(subprocess.run(words, cwd=folder, check=True, capture_output=True).stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_names(tmp_path):
    few, many = peak(1_000, tmp_path / "few"), peak(100_000, tmp_path / "many")
    assert many - few < MOST, f"{few:.0f} MB and {many:.0f} MB"
    with (tmp_path / "many" / "m.csv").open() as file:
        assert sum(1 for _ in file) == 100_001


@pytest.mark.parametrize("naming", [Naming(".png"), Naming(".png", "-b"), Naming(".jpg", "_b")])
@pytest.mark.parametrize("seed", range(8))
def test_families_have_the_jobs_of_the_whole_list(tmp_path, monkeypatch, naming, seed):
    """The rules look at one family at a time, and say what they say of all photos at once."""
    generator = random.Random(seed)
    names = {
        "".join(generator.choices(PARTS, k=generator.randint(1, 3))).lstrip(".") + "x"[:0]
        + generator.choice(SUFFIXES)
        for _ in range(120)
    }  # fmt: skip
    names = sorted(name for name in names if not name.startswith("."))
    monkeypatch.setattr(listing, "_entries", lambda folder: ((name, False) for name in names))
    monkeypatch.setattr(ordering, "CHUNK", 10)
    jobs, _ = list_jobs([tmp_path], tmp_path / "o", naming)
    plain = [
        MatteJob(tmp_path / name, tmp_path / "o" / naming.name(Path(name).stem)) for name in names
    ]
    whole = told_apart(plain, naming)
    assert sorted(job.photo for job in jobs) == sorted(job.photo for job in whole)
    done = [{job.output for job in some if not job.refusal} for some in (jobs, whole)]
    assert done[0] == done[1] and len(done[0]) == sum(not job.refusal for job in jobs)


def test_a_table_is_a_folder_in_any_order(tmp_path):
    for name in ("in/a.jpg", "in/a.png", "in/deep/b.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xff\xd8\xff")
    photos = [tmp_path / "in" / name for name in ("deep/b.jpg", "a.png", "a.jpg", "a.png")]
    table = tmp_path / "list.csv"
    table.write_text("size,photo\n" + "".join(f"1,{photo}\n" for photo in photos))
    jobs, skipped = list_jobs([PhotoTable(table)], tmp_path / "o", Naming(".png"))
    folder, _ = list_jobs([tmp_path / "in"], tmp_path / "o", Naming(".png"), recursive=True)
    assert list(jobs) == list(folder)
    assert [one.reason for one in skipped] == ["listed twice"]
    below = PhotoTable(table, str(tmp_path))
    jobs, _ = list_jobs([below], tmp_path / "o", Naming(".png"))
    assert next(iter(jobs)).output == tmp_path / "o" / "in" / "a_jpg.png"
    for text, message in (("name\na\n", "column 'photo'"), ("photo\n", "No pictures")):
        table.write_text(text)
        with pytest.raises(ValueError, match=message):
            list_jobs([PhotoTable(table)], tmp_path / "o", Naming(".png"))
