"""One rule of parts for training, evaluation, calibration and `prepare`."""

import json
import shutil

import numpy as np
import pytest

from tfmatting.datasets.preparation import Preparation, prepare
from tfmatting.datasets.sources import read_all, read_everything, read_split
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.evaluation.evaluate import evaluate
from tfmatting.exporting.photos import read_photos
from tfmatting.imaging.io import ImageError, write_image

SAMPLES = [source.load() for source in sample_listing(10, size=(48, 40)).sources]
TRAINING, VALIDATION, TESTING = range(5), range(5, 8), range(8, 10)


def photo(index):
    """A photo that says which it is, in its first pixel."""
    image = SAMPLES[index].image.copy()
    image[0, 0] = index + 1
    return image


def write_pairs(root, indices, image="image", alpha="alpha", suffix=""):
    for index in indices:
        write_image(root / image / f"{index}.png", photo(index))
        write_image(root / alpha / f"{index}{suffix}.png", SAMPLES[index].alpha)


def pairs_in_folders(root):
    write_pairs(root / "train", TRAINING)
    write_pairs(root / "val", VALIDATION)
    write_pairs(root / "test", TESTING)


def beside_in_folders(root):
    """As Shen et al. publish theirs; numbers begin again in the second folder."""
    for folder, indices in (("training", TRAINING), ("testing", TESTING)):
        for number, index in enumerate(indices):
            write_image(root / folder / f"{number:05d}.png", photo(index))
            write_image(root / folder / f"{number:05d}_matte.png", SAMPLES[index].alpha)


def lists(root):
    write_pairs(root, range(10))
    for name, indices in (("train", TRAINING), ("val", VALIDATION), ("test", TESTING)):
        lines = "".join(f"image/{index}.png\talpha/{index}.png\n" for index in indices)
        (root / f"{name}_set.txt").write_text(lines)


def json_lists(root):
    write_pairs(root, range(10), "here", "there")
    for name, indices in (("x", TRAINING), ("x_val", VALIDATION), ("x_test", TESTING)):
        for kind, folder in (("img", "here"), ("alpha", "there")):
            paths = [f"{folder}/{index}.png" for index in indices]
            (root / f"{name}_{kind}.json").write_text(json.dumps(paths))


def voc_lists(root):
    for index in range(10):
        write_image(root / "JPEGImages" / f"{index}.png", photo(index))
        mask = np.where(SAMPLES[index].alpha > 127, 15, 0).astype(np.uint8)
        write_image(root / "SegmentationClass" / f"{index}.png", mask)
    folder = root / "ImageSets" / "Segmentation"
    folder.mkdir(parents=True)
    for name, indices in (("train", TRAINING), ("val", VALIDATION), ("test", TESTING)):
        (folder / f"{name}.txt").write_text("".join(f"{index}\n" for index in indices))


def with_test_below(root):
    """As the U-Net code has it: imgs/ and masks/, and a test set of its own."""
    write_pairs(root, TRAINING, "imgs", "masks", "_matte")
    write_pairs(root / "test", TESTING, "imgs", "masks", "_matte")


DATA = {
    "folders": (pairs_in_folders, True),
    "beside": (beside_in_folders, False),
    "lists": (lists, True),
    "json": (json_lists, True),
    "voc": (voc_lists, True),
    "imgs and masks": (with_test_below, False),
}


def seen(sources):
    return sorted(int(source.load().image[0, 0, 0]) - 1 for source in sources)


@pytest.mark.parametrize("name", DATA)
def test_nothing_learns_from_what_is_judged(tmp_path, name):
    make, validated = DATA[name]
    make(tmp_path)
    split = read_split(str(tmp_path), validation_part=0.2, seed=0, sample_count=0)
    training = seen(split.train.sources)
    if validated:
        assert training == list(TRAINING) and seen(split.validation.sources) == list(VALIDATION)
    else:  # a part of the training samples is held out
        assert len(split.validation.sources) == 1
        assert sorted(training + seen(split.validation.sources)) == list(TRAINING)
    assert seen(read_all(str(tmp_path)).sources) == list(TESTING)
    assert seen(read_all(str(tmp_path), "train").sources) == list(TRAINING)
    everything = read_all(str(tmp_path), "all").sources
    assert len({source.identifier for source in everything}) == len(everything)
    calibration = read_photos(tmp_path, 100)
    assert sorted(int(image[0, 0, 0]) - 1 for image in calibration) == list(TRAINING)


@pytest.mark.parametrize("name", DATA)
def test_prepare_keeps_the_parts(tmp_path, name):
    from tfmatting.datasets.readers import match_layout

    make, validated = DATA[name]
    make(tmp_path / "in")
    first = tmp_path / "in" / "train"
    layout = match_layout(tmp_path / "in") or match_layout(first)
    assert layout is not None
    parts = read_everything(tmp_path / "in", layout.name, None, 0, 0)
    output = tmp_path / "out"
    prepared = prepare(parts, output, Preparation(photos="png"))
    assert len(prepared.sources) == (10 if validated else 7) and not prepared.problems
    assert seen(read_all(str(output)).sources) == list(TESTING)
    split = read_split(str(output), validation_part=0.2, seed=0, sample_count=0)
    assert set(seen(split.train.sources)) <= set(TRAINING)


def test_without_a_test_part_validation_is_judged(tmp_path):
    lists(tmp_path)
    (tmp_path / "test_set.txt").unlink()
    assert seen(read_all(str(tmp_path)).sources) == list(VALIDATION)
    with pytest.raises(ValueError, match="It has: train, validation"):
        read_all(str(tmp_path), "test")
    with pytest.raises(ValueError, match="A part is one of"):
        read_all(str(tmp_path), "dev")


def test_data_to_judge_on_is_not_trained_on(tmp_path):
    write_pairs(tmp_path / "val", VALIDATION)
    with pytest.raises(ValueError, match="learn from"):
        read_split(str(tmp_path), validation_part=0.1, seed=0, sample_count=0)
    assert seen(read_all(str(tmp_path)).sources) == list(VALIDATION)
    write_pairs(tmp_path / "valid", VALIDATION)
    with pytest.raises(ValueError, match="one validation part"):
        read_all(str(tmp_path))


def test_a_runs_own_data_in_one_piece_is_judged_by_what_the_run_held_out(tmp_path, tiny_checkpoint):
    data = tmp_path / "data"
    write_pairs(data, range(10))
    stage = tmp_path / "runs" / "tnet" / "supervised"
    stage.mkdir(parents=True)
    shutil.copy(tiny_checkpoint, stage / "best.keras")
    run = {"options": {"data": str(data), "seed": 4}, "recipe": {"validation_part": 0.3}}
    (stage.parent / "run.json").write_text(json.dumps(run))
    split = read_split(str(data), validation_part=0.3, seed=4, sample_count=0)
    result = evaluate(stage / "best.keras", data)
    assert [row.image for row in result.rows] == [s.identifier for s in split.validation.sources]
    assert "seed 4" in result.origin
    assert evaluate(stage / "best.keras", data, part="all").images == 10
    other = tmp_path / "other"
    write_pairs(other, range(3))
    assert evaluate(stage / "best.keras", other).images == 3


def test_names_that_stand_for_two_files_are_problems_and_never_guessed(tmp_path):
    write_pairs(tmp_path, range(2))
    write_image(tmp_path / "image" / "0.jpg", photo(5))
    listing = read_all(str(tmp_path))
    assert [source.identifier for source in listing.sources] == ["1"]
    assert len(listing.problems) == 2
    assert all("0.jpg, 0.png" in problem.reason for problem in listing.problems)
    shutil.rmtree(tmp_path / "image")
    write_pairs(tmp_path, range(2))
    write_image(tmp_path / "alpha" / "1.tif", SAMPLES[1].alpha)
    listing = read_all(str(tmp_path))
    assert [source.identifier for source in listing.sources] == ["0"]
    assert {problem.path.rsplit("/")[-1] for problem in listing.problems} == {"1.png", "1.tif"}


def test_the_same_beside_their_photos_and_in_clips(tmp_path):
    beside_in_folders(tmp_path / "beside")
    write_image(tmp_path / "beside" / "training" / "00000.jpg", photo(0))
    listing = read_all(str(tmp_path / "beside"), "train")
    assert len(listing.sources) == 4 and len(listing.problems) == 2
    clip = tmp_path / "clip"
    write_pairs(clip, range(3), "frames")
    write_image(clip / "frames" / "1.jpg", photo(1))
    listing = read_all(str(clip))
    assert [source.identifier for source in listing.sources] == ["0", "2"]
    assert listing.sources[1].earlier_path is None  # a frame is missing between them
    assert len(listing.problems) == 2


@pytest.mark.parametrize("suffix", ["_matte", "_mask", "-alpha", "-gt"])
def test_calibration_never_sees_mattes(tmp_path, suffix):
    for index in range(3):
        write_image(tmp_path / f"{index}.jpg", np.full((8, 8, 3), 90 + index, np.uint8))
        write_image(tmp_path / f"{index}{suffix}.png", SAMPLES[index].alpha)
    assert len(read_photos(tmp_path, 100)) == 3
    assert all(80 < photo.mean() < 100 for photo in read_photos(tmp_path, 100))


def test_mattes_under_names_of_their_own_are_refused(tmp_path):
    write_image(tmp_path / "a.jpg", photo(0))
    write_image(tmp_path / "cut-a.png", np.where(SAMPLES[0].alpha > 127, 255, 0).astype(np.uint8))
    with pytest.raises(ImageError, match=r"cut-a\.png.*black and white"):
        read_photos(tmp_path, 100)


def test_the_command_says_what_it_judged(tmp_path, command):
    lists(tmp_path)
    code, out, _ = command("evaluate", "--data", tmp_path, "--model", "portrait_lite")
    assert code == 0 and "Judged: test_set.txt." in out and "2 images" in out
    words = ("evaluate", "--data", tmp_path, "--model", "portrait_lite", "--part")
    assert "3 images" in command(*words, "validation")[1]
    code, _, error = command(*words, "dev")
    assert code == 2 and "dev" in error
