"""What `prepare` may write to, when it writes samples anew, and how it says that some failed."""

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tfmatting.datasets.preparation import Preparation, prepare
from tfmatting.datasets.prepared_folder import Origin
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError, MissingExtraError
from tfmatting.imaging.io import read_alpha, write_image

LATER = 3600 * 10**9


def make(root: Path, samples, count: int = 2, suffix: str = "jpg") -> Path:
    for number, sample in enumerate(samples[:count]):
        write_image(root / "image" / f"{number}.{suffix}", sample.image)
        write_image(root / "alpha" / f"{number}.png", sample.alpha)
    return root


def with_numbers(root: Path, samples) -> Path:
    """Masks of the classes 1 and 2, beside each other."""
    make(root, samples)
    for path in (root / "alpha").iterdir():
        numbers = np.zeros(samples[0].alpha.shape, np.uint8)
        numbers[10:40, 10:40], numbers[50:70, 10:40] = 1, 2
        write_image(path, numbers)
    return root


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(command, *words, names: str) -> None:
    code, out, err = command("prepare", *words, "--workers", 1)
    assert code == 2 and not out and err.count("\n") == 1 and names in err, err


def test_another_folder_in_the_source_is_filled(tmp_path, samples, command):
    source = make(tmp_path / "DS", samples)
    before = contents(source)
    for _ in range(2):
        code, _, err = command("prepare", "pairs", source, "-o", source / "ready", "--workers", 1)
        assert code == 0, err
    assert {path: data for path, data in contents(source).items() if path in before} == before


@pytest.mark.parametrize("place", ["", "image", "image/ready", "LINK", "LINK/image"])
def test_the_source_and_what_lies_in_it_are_no_output(tmp_path, samples, command, place):
    source = make(tmp_path / "DS", samples)
    (tmp_path / "LINK").symlink_to(source)
    before = contents(tmp_path)
    output = tmp_path / place if place.startswith("LINK") else source / place
    refused(command, "pairs", source, "-o", output, names="Give another -o")
    with pytest.raises(InputError, match="another -o"):
        prepare(LAYOUTS["pairs"].read(source), tmp_path / "DS" / "image", Preparation(), workers=1)
    assert contents(tmp_path) == before


def test_a_source_among_the_outputs_samples_is_refused(tmp_path, samples, command):
    source = make(tmp_path / "out" / "image" / "DS", samples)
    (tmp_path / "out" / "prepare.json").write_text(json.dumps({"train_ratio": 0.9}))
    before = contents(tmp_path)
    refused(command, "pairs", source, "-o", tmp_path / "out", names="Give another -o")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "alpha").symlink_to(source / "alpha")
    refused(command, "pairs", source, "-o", linked, names="Give another -o")
    assert contents(tmp_path) == before


def test_a_link_to_a_file_of_the_source_is_not_followed(tmp_path, samples, command):
    source = make(tmp_path / "DS", samples)
    alphas = tmp_path / "out" / "alpha"
    alphas.mkdir(parents=True)
    (alphas / "0.png").symlink_to(source / "alpha" / "0.png")
    (tmp_path / "out" / "prepare.json").write_text(json.dumps({"train_ratio": 0.9}))
    before = contents(source)
    refused(command, "pairs", source, "-o", tmp_path / "out", names="would be overwritten")
    assert contents(source) == before


@pytest.mark.parametrize(
    ("name", "lists"),
    [
        ("train_set.txt", ""),
        ("image/x.jpg", ""),
        ("report.csv", ""),
        ("sources.json", ""),
        ("mine_val_alpha.json", "mine"),
    ],
)
def test_files_of_another_folder_are_not_replaced(tmp_path, samples, command, name, lists):
    source = make(tmp_path / "DS", samples)
    path = tmp_path / "other" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    words = ("pairs", source, "-o", tmp_path / "other", "--lists", lists)
    refused(command, *words, names=f"which has {name.split('/')[0]}")
    assert list(contents(tmp_path / "other").values()) == [b"mine"]


@pytest.mark.parametrize("text", ["[]", "{}", '{"mine": 1}'])
def test_a_prepare_json_of_something_else_stays(tmp_path, text):
    (tmp_path / "prepare.json").write_text(text)
    with pytest.raises(InputError, match="another folder"):
        prepare(sample_listing(1), tmp_path, Preparation(), workers=1)
    assert (tmp_path / "prepare.json").read_text() == text


def test_a_file_is_no_output(tmp_path, samples, command):
    source = make(tmp_path / "DS", samples)
    (tmp_path / "file").write_text("mine")
    refused(command, "pairs", source, "-o", tmp_path / "file", names="a file. Give another -o")


def test_other_files_of_a_folder_do_no_harm(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    prepare(sample_listing(2, size=(40, 32)), tmp_path, Preparation(), workers=1)
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_folder_takes_samples_of_one_source_and_of_one_meaning(tmp_path, samples, command):
    source, output = with_numbers(tmp_path / "DS", samples), tmp_path / "out"
    words = ("prepare", "pairs", source, "-o", output, "--workers", 1)
    assert command(*words, "--person", 1)[0] == 0
    before = contents(output)
    noted = json.loads((output / "prepare.json").read_text())
    assert noted["source"] == str(source.resolve()) and noted["person"] == 1
    other = with_numbers(tmp_path / "another", samples)
    refused(command, *words[1:], "--person", 2, names="person 1. Received: person 2.")
    refused(command, *words[1:], "--person", 1, "--ignore", 7, names="ignored None")
    refused(command, "pairs", other, "-o", output, "--person", 1, names="another")
    assert contents(output) == before
    (tmp_path / "LINK").symlink_to(source)
    assert command("prepare", "pairs", tmp_path / "LINK", "-o", output, "--person", 1)[0] == 0
    assert contents(output) == before


def test_the_count_of_drawn_samples_decides_too(tmp_path, command):
    output = tmp_path / "out"
    assert command("prepare", "sample", "-o", output, "--count", 2)[0] == 0
    refused(command, "sample", "-o", output, "--count", 3, names="count 2. Received: count 3")


@pytest.mark.parametrize("later", [LATER, -LATER])
def test_a_sample_whose_files_have_changed_is_written_anew(tmp_path, samples, later):
    """Also where the changed file is older than the output."""
    source, output = make(tmp_path / "DS", samples), tmp_path / "out"
    prepare(LAYOUTS["pairs"].read(source), output, Preparation(), workers=1)
    kept = (output / "alpha" / "1.png").stat().st_mtime_ns
    mask = source / "alpha" / "0.png"
    stamp = mask.stat().st_mtime_ns + later
    write_image(mask, 255 - samples[0].alpha)
    os.utime(mask, ns=(stamp, stamp))
    prepare(LAYOUTS["pairs"].read(source), output, Preparation(), workers=1)
    assert np.array_equal(read_alpha(output / "alpha" / "0.png"), 255 - samples[0].alpha)
    assert (output / "alpha" / "1.png").stat().st_mtime_ns == kept


def test_a_mask_that_was_broken_later_leaves_no_earlier_sample(tmp_path, samples, command):
    source, output = make(tmp_path / "DS", samples), tmp_path / "out"
    words = ("prepare", "pairs", source, "-o", output, "--workers", 1)
    assert command(*words)[0] == 0
    write_image(source / "alpha" / "0.png", samples[0].alpha * 0)
    for _ in range(2):
        code, out, err = command(*words)
        assert code == 2 and "1 samples" in out
        assert f"1 could not be prepared: see {output / 'report.csv'}." in out
        assert "not prepared: 0: " in err
        assert not (output / "alpha" / "0.png").exists()


def test_numbers_that_stand_for_other_samples_are_written_anew(tmp_path, samples):
    source, output = make(tmp_path / "DS", samples, 3), tmp_path / "out"
    settings = Preparation(numbered=True)
    prepare(LAYOUTS["pairs"].read(source), output, settings, workers=1)
    for folder in ("image", "alpha"):
        next((source / folder).glob("0.*")).unlink()
    prepare(LAYOUTS["pairs"].read(source), output, settings, workers=1)
    assert np.array_equal(read_alpha(output / "alpha" / "0.png"), samples[1].alpha)


def test_a_folder_of_an_earlier_version_is_continued(tmp_path, samples, command):
    """It notes neither where its samples are from nor what they were made of."""
    source, output = make(tmp_path / "DS", samples), tmp_path / "out"
    words = ("prepare", "pairs", source, "-o", output, "--workers", 1)
    assert command(*words)[0] == 0
    (output / "sources.json").unlink()
    (output / "prepare.json").write_text(json.dumps({"train_ratio": 0.9, "trimap_width": 10}))
    written = {path: path.stat().st_mtime_ns for path in (output / "alpha").iterdir()}
    mask = source / "alpha" / "0.png"
    write_image(mask, 255 - samples[0].alpha)
    later = mask.stat().st_mtime_ns + LATER
    os.utime(mask, ns=(later, later))
    assert command(*words)[0] == 0
    changed = [path.name for path, time in written.items() if path.stat().st_mtime_ns != time]
    assert changed == ["0.png"]
    assert json.loads((output / "prepare.json").read_text())["layout"] == "pairs"
    refused(command, *words[1:], "--person", 1, names="person None. Received: person 1")


def test_calls_without_an_origin_continue_any_folder(tmp_path, samples):
    source, output = make(tmp_path / "DS", samples), tmp_path / "out"
    listing = LAYOUTS["pairs"].read(source)
    prepare(listing, output, Preparation(), workers=1, origin=Origin("pairs", source))
    prepare(listing, output, Preparation(), workers=1)
    assert json.loads((output / "prepare.json").read_text())["layout"] == "pairs"


def test_some_failures_are_exit_code_two_and_leave_the_rest(tmp_path, samples, command):
    source = make(tmp_path / "DS", samples)
    write_image(source / "alpha" / "0.png", samples[0].alpha * 0)
    code, out, err = command("prepare", "pairs", source, "-o", tmp_path / "out", "--workers", 1)
    assert code == 2 and "Next: tfmatting train" in out
    assert "tfmatting prepare: not prepared: 0: An alpha must hold" in err


def test_without_any_sample_there_is_an_error_and_another_try(tmp_path, samples, command):
    source, output = with_numbers(tmp_path / "DS", samples), tmp_path / "out"
    words = ("prepare", "pairs", source, "-o", output, "--workers", 1)
    code, out, err = command(*words, "--person", 7)
    assert code == 2 and "Next" not in out and "No sample could be prepared" in err
    assert "report.csv" in err and not (output / "train_set.txt").exists()
    assert command(*words, "--person", 2)[0] == 0


def test_a_refused_preparation_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymatting", None)  # as where it is not installed
    with pytest.raises(MissingExtraError, match=r"tfmatting\[refine\]"):
        prepare(sample_listing(1), tmp_path / "out", Preparation(refine="closed-form"))
    assert not (tmp_path / "out").exists()


def test_notes_that_are_none_are_refused(tmp_path):
    listing = sample_listing(2, size=(40, 32))
    prepare(listing, tmp_path, Preparation(), workers=1)
    (tmp_path / "sources.json").write_text("[]")
    with pytest.raises(InputError, match="Remove it"):
        prepare(listing, tmp_path, Preparation(), workers=1)


def test_a_copied_folder_goes_on_where_it_was(tmp_path, samples):
    source = make(tmp_path / "DS", samples)
    listing = LAYOUTS["pairs"].read(source)
    prepare(listing, tmp_path / "out", Preparation(), workers=1)
    shutil.copytree(tmp_path / "out", tmp_path / "copy")
    before = (tmp_path / "copy" / "alpha" / "0.png").stat().st_mtime_ns
    prepare(listing, tmp_path / "copy", Preparation(), workers=1)
    assert (tmp_path / "copy" / "alpha" / "0.png").stat().st_mtime_ns == before
