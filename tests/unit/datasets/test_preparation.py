import csv

import numpy as np
import pytest

from tfmatting.datasets.preparation import Preparation, prepare
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.datasets.sources import read_all, read_split
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import read_alpha, write_image
from tfmatting.imaging.trimap import trimap_from_alpha


@pytest.fixture
def source(tmp_path, samples):
    """Four good pairs and three that cannot be used."""
    root = tmp_path / "source"
    for sample in samples[:4]:
        write_image(root / "image" / f"{sample.identifier}.png", sample.image)
        write_image(root / "alpha" / f"{sample.identifier}.png", sample.alpha)
    for name, alpha in (("empty", samples[0].alpha * 0), ("small", samples[0].alpha[:40])):
        write_image(root / "image" / f"{name}.png", samples[0].image)
        write_image(root / "alpha" / f"{name}.png", alpha)
    write_image(root / "image" / "lonely.png", samples[0].image)
    return root


def test_pairs_trimaps_lists_and_a_report(tmp_path, source):
    output = tmp_path / "out"
    listing = LAYOUTS["pairs"].read(source)
    prepared = prepare(listing, output, Preparation(train_ratio=0.75))
    assert len(prepared.sources) == 4 and len(prepared.problems) == 3
    with (output / "report.csv").open() as file:
        assert {row["path"].rsplit("/")[-1] for row in csv.DictReader(file)} == {
            "empty",
            "small",
            "lonely.png",
        }
    split = read_split(str(output), validation_part=0.5, seed=0, sample_count=0)
    assert len(split.train.sources) == 3 and len(split.validation.sources) == 1
    for item in LAYOUTS["pairs"].read(output).sources:
        sample = item.load()
        assert set(np.unique(sample.trimap)) == {0, 128, 255}


def test_a_second_run_writes_only_what_is_missing(tmp_path, source):
    output = tmp_path / "out"
    listing = LAYOUTS["pairs"].read(source)
    prepare(listing, output, Preparation())
    files = sorted((output / "alpha").iterdir())
    stamps = {path: path.stat().st_mtime_ns for path in files}
    files[0].unlink()
    prepare(listing, output, Preparation())
    changed = [path for path in files if path.stat().st_mtime_ns != stamps[path]]
    assert changed == files[:1]


def test_a_folder_holds_one_preparation_only(tmp_path):
    listing = sample_listing(2, size=(40, 32))
    prepare(listing, tmp_path, Preparation())
    with pytest.raises(ValueError, match="another folder"):
        prepare(listing, tmp_path, Preparation(trimap_width=5))


def test_closed_form_softens_binary_masks(tmp_path, samples):
    pytest.importorskip("pymatting")
    sample = samples[0]
    hard = np.where(sample.alpha > 127, 255, 0).astype(np.uint8)
    root = tmp_path / "hard"
    write_image(root / "image" / "a.png", sample.image)
    write_image(root / "alpha" / "a.png", hard)
    prepare(LAYOUTS["pairs"].read(root), tmp_path / "soft", Preparation(refine="closed-form"))
    soft = read_alpha(tmp_path / "soft" / "alpha" / "a.png")
    assert ((soft > 10) & (soft < 245)).mean() > 0.01
    far = (trimap_from_alpha(hard, 12)) != 128
    assert np.array_equal(soft[far], hard[far])


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="train_ratio"):
        Preparation(train_ratio=1.5)
    with pytest.raises(ValueError, match="closed-form"):
        Preparation(refine="magic")
    with pytest.raises(ValueError, match="no samples"):
        prepare(sample_listing(0), None, Preparation())


def test_splits_follow_the_folders_else_the_seed(tmp_path, pairs):
    import shutil

    for part in ("train", "val"):
        shutil.copytree(pairs, tmp_path / part)
    split = read_split(str(tmp_path), validation_part=0.1, seed=0, sample_count=0)
    assert len(split.train.sources) == len(split.validation.sources) == 6
    assert len(read_all(str(tmp_path)).sources) == 6
    halves = read_split(str(pairs), validation_part=0.5, seed=3, sample_count=0)
    names = [{s.identifier for s in part.sources} for part in (halves.train, halves.validation)]
    assert len(names[0]) == len(names[1]) == 3 and not names[0] & names[1]
