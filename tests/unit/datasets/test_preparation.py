import csv
import json

import cv2
import numpy as np
import pytest

from tfmatting.datasets.preparation import Preparation, prepare
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.datasets.sources import read_all, read_split
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import read_alpha, read_image, write_image
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


@pytest.mark.parametrize(("ratio", "training"), [(0.9, 3), (0.1, 1), (1.0, 4)])
def test_few_samples_leave_one_to_validate_on_unless_all_are_to_train(
    tmp_path, source, ratio, training
):
    prepare(LAYOUTS["pairs"].read(source), tmp_path / "out", Preparation(train_ratio=ratio))
    lines = (tmp_path / "out" / "train_set.txt").read_text().splitlines()
    assert len(lines) == training
    assert (tmp_path / "out" / "val_set.txt").is_file() == (training < 4)
    split = read_split(str(tmp_path / "out"), validation_part=0.25, seed=0, sample_count=0)
    assert split.train.sources and split.validation.sources


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


def test_samples_are_numbered_as_the_original_does(tmp_path, source):
    output = tmp_path / "out"
    listing = LAYOUTS["pairs"].read(source)
    prepare(listing, output, Preparation(numbered=True, photos="png", lists="aifenge"))
    names = [path.stem for path in sorted((output / "image").iterdir())]
    assert len(names) == 4 and set(names) <= {str(number) for number in range(6)}
    first = listing.sources[int(names[0])].load()
    assert np.array_equal(read_image(output / "image" / f"{names[0]}.png"), first.image)
    assert (
        f"image/{names[0]}.png"
        in (output / "aifenge_img.json").read_text() + (output / "aifenge_val_img.json").read_text()
    )


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


def test_tnets_data_is_what_its_own_code_makes(tmp_path, samples, command):
    """Alpha above 50, dilated and eroded by 6 pixels and cut at 5 and 250; PNG; three lists."""
    source, output = tmp_path / "Matting_Human_Half", tmp_path / "AiFenGe"
    for number, sample in enumerate(samples[:3]):
        rgba = np.dstack([sample.image, sample.alpha])
        write_image(source / f"clip_img/1/clip_0/{number}.png", sample.image)
        write_image(source / f"matting/1/matting_0/{number}.png", rgba)
    options = ["--binarize", "50", "--trimap-width", "6", "--photos", "png"]
    options += ["--lists", "aifenge", "--train-ratio", "1"]
    code, _, _ = command("prepare", "aisegment", source, "-o", output, *options)
    assert code == 0
    lists = {
        kind: json.loads((output / f"aifenge_{kind}.json").read_text())
        for kind in ("img", "alpha", "trimap")
    }
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (6, 6))
    for number, (image, alpha, trimap) in enumerate(zip(*lists.values(), strict=True)):
        assert np.array_equal(read_image(output / image), samples[number].image)
        _, hard = cv2.threshold(samples[number].alpha, 50, 255, cv2.THRESH_BINARY)
        assert np.array_equal(read_alpha(output / alpha), hard)
        grown, shrunk = cv2.dilate(hard, kernel) > 5, cv2.erode(hard, kernel) >= 250
        expected = np.where(grown, np.where(shrunk, 255, 128), 0)
        assert np.array_equal(read_alpha(output / trimap), expected)
    for name in lists.values():
        assert len(name) == 3
    (output / "train_set.txt").unlink()
    (output / "image").rename(output / "img")  # as the original's folders, so that lists count
    for kind, paths in lists.items():
        moved = [path.replace("image/", "img/") for path in paths]
        (output / f"aifenge_{kind}.json").write_text(json.dumps(moved))
    assert len(LAYOUTS["tnet-lists"].read(output).sources) == 3


def test_hard_masks_on_any_scale_are_made_mattes(tmp_path, samples):
    for number, (scale, kind) in enumerate(((1, np.uint8), (15, np.uint8), (1000, np.uint16))):
        mask = np.where(samples[number].alpha > 127, scale, 0).astype(kind)
        write_image(tmp_path / "in" / "image" / f"{number}.png", samples[number].image)
        (tmp_path / "in" / "alpha").mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / "in" / "alpha" / f"{number}.png"), mask)
    prepared = prepare(
        LAYOUTS["pairs"].read(tmp_path / "in"), tmp_path / "out", Preparation(binarize=0)
    )
    assert len(prepared.sources) == 3
    for number in range(3):
        alpha = read_alpha(tmp_path / "out" / "alpha" / f"{number}.png")
        assert np.array_equal(alpha == 255, samples[number].alpha > 127)
    for wrong in ({"binarize": 255}, {"photos": "gif"}, {"lists": "a/b"}):
        with pytest.raises(ValueError, match="Received"):
            Preparation(**wrong)


def test_names_that_repeat_are_numbered_and_nothing_is_written_over(tmp_path, samples):
    write_image(tmp_path / "in/background/x.png", samples[0].image)
    for suffix in ("png", "tif"):
        rgba = np.dstack([samples[1].image, samples[1].alpha])
        write_image(tmp_path / "in/cutout" / f"a.{suffix}", rgba)
    prepared = prepare(LAYOUTS["cutouts"].read(tmp_path / "in"), tmp_path / "out", Preparation())
    assert len({source.identifier for source in prepared.sources}) == 2
    assert len(list((tmp_path / "out" / "image").iterdir())) == 2
