"""Nothing that a user has is written over: folders, backgrounds, models."""

import numpy as np
import pytest

from tfmatting.cli.main import main
from tfmatting.imaging.io import read_image, write_image
from tfmatting.inference.pretrained import SHIPPED

MODEL = SHIPPED / "portrait_lite.tflite"


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """The working folder, with a folder of the user's own in it."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    for name in ("sub", "images.csv", "model.tflite"):
        (folder / name).mkdir(parents=True)
        (folder / name / "thesis.txt").write_text("years")
    return folder


COMMANDS = {
    "evaluate, figures": ["evaluate", "--model", "portrait_lite", "--json", "mine"],
    "evaluate, table": ["evaluate", "--model", "portrait_lite", "-o", "mine"],
    "benchmark, figures": ["benchmark", "--model", "portrait_lite", "--json", "mine"],
    "export, file": ["export", "--output", "mine/model.tflite"],
    "export, folder": ["export", "--format", "saved_model", "--output", "mine"],
    "export, here": ["export", "--format", "saved_model", "--output", "."],
    "export, up": ["export", "--format", "saved_model", "--output", "mine/sub/.."],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_is_never_taken_for_an_output(mine, capsys, name):
    before = sorted(mine.parent.rglob("*"))
    assert main(COMMANDS[name]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "Give another" in said.err, said.err
    assert sorted(mine.parent.rglob("*")) == before


def test_figures_are_not_written_over_the_model_that_is_measured(tmp_path, capsys):
    model = tmp_path / "keep.tflite"
    model.write_bytes(MODEL.read_bytes())
    for command in ("benchmark", "evaluate"):
        assert main([command, "--model", str(model), "--json", str(model)]) == 2
        assert "is read, and would be written over" in capsys.readouterr().err
    assert model.read_bytes() == MODEL.read_bytes()


@pytest.mark.parametrize("as_link", [False, True])
def test_nor_is_a_cut_out_over_its_background(tmp_path, photo, capsys, as_link):
    me, beach, out = tmp_path / "me.jpg", tmp_path / "beach.jpg", tmp_path / "beach.jpg"
    write_image(me, photo)
    write_image(beach, photo)
    before = beach.read_bytes()
    if as_link:
        out = tmp_path / "link.jpg"
        out.symlink_to(beach)
    words = ["matte", str(me), "-o", str(out), "--background", str(beach)]
    assert main([*words, "--model", "portrait_lite"]) == 2
    assert "would be written over. Give another name" in capsys.readouterr().err
    assert beach.read_bytes() == before


def test_in_a_folder_the_others_are_done(tmp_path, photo, capsys):
    for name in ("a.jpg", "b.jpg"):
        write_image(tmp_path / "in" / name, photo)
    beach = tmp_path / "out" / "a.jpg"
    write_image(beach, photo)
    before = beach.read_bytes()
    words = ["matte", str(tmp_path / "in"), "-o", str(beach.parent), "--background", str(beach)]
    assert main([*words, "--model", "portrait_lite", "--workers", "1"]) == 2
    assert "1 of 2 written" in capsys.readouterr().out
    assert beach.read_bytes() == before
    assert read_image(beach.with_name("b.jpg")).shape == photo.shape


@pytest.mark.parametrize("suffix", ["../x", "a/b", "/", "a\\b"])
def test_a_suffix_leads_to_no_other_folder(tmp_path, photo, capsys, suffix):
    write_image(tmp_path / "in" / "a.jpg", photo)
    words = ["matte", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--suffix", suffix]
    assert main([*words, "--model", "portrait_lite"]) == 2
    assert "without folders. Received" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_drawing_has_a_suffix_that_can_be_drawn(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (["benchmark", "-o", "bars"], ["export", "--quantization-report", "where"]):
        assert main(words) == 2
        assert "name ends in .png, .svg, .pdf. Received" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_suffix_and_a_token_need_what_they_are_of(tmp_path, photo, capsys):
    write_image(tmp_path / "a.jpg", photo)
    words = ["matte", str(tmp_path / "a.jpg"), "-o", str(tmp_path / "b.png"), "--suffix", "_cut"]
    assert main(words) == 2
    assert "`suffix` is of files in a folder" in capsys.readouterr().err
    assert main(["serve", "--token", "word"]) == 2
    assert "--token is the API's. Give --api, too" in capsys.readouterr().err
