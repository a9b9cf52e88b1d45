"""Options are heeded or refused; nothing that was given as an input is overwritten."""

import numpy as np
import pytest

from tests.unit.video.conftest import BrightPredictor, write_video
from tfmatting.errors import InputError
from tfmatting.row_file import read_rows
from tfmatting.video.matte import matte_video
from tfmatting.video.one_film import COLUMNS


def test_one_film_has_a_row_in_the_manifest(tmp_path, video, command, tiny_tflite):
    table = tmp_path / "films.csv"
    words = ("--model", tiny_tflite, "--manifest", table)
    code, _, err = command("video", video, "-o", tmp_path / "out.mp4", *words)
    assert code == 0, err
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    code, _, err = command("video", broken, "-o", tmp_path / "out.mp4", *words)
    assert code == 2 and err.count("\n") == 1
    rows = list(read_rows(table, COLUMNS))
    assert [(row["film"], row["frames"]) for row in rows] == [(str(video), 12), (str(broken), 0)]
    assert "A video is needed" in rows[1]["error"] and not rows[0]["error"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--container", ".mov"), "--container is of a folder of films"),
        (("--container", ".mp4"), "--container is of a folder of films"),
        (("--recursive",), "--recursive is of a folder of films"),
        (("--alpha", "--background", "red"), "The matte alone has no background"),
    ],
)
def test_options_that_would_do_nothing_are_refused(tmp_path, video, command, words, message):
    code, _, err = command("video", video, "-o", tmp_path / "out.mp4", *words)
    assert code == 2 and message in err and err.count("\n") == 1
    assert not (tmp_path / "out.mp4").exists()


def test_a_folder_is_refused_with_one_line_too(tmp_path, video, command):
    words = ("-o", tmp_path / "out", "--alpha", "--background", "red")
    code, _, err = command("video", video.parent, *words)
    assert code == 2 and "no background" in err and err.count("\n") == 1


def test_the_matte_alone_has_no_background_from_python_either(tmp_path, video):
    model = BrightPredictor()
    for background in (np.zeros((4, 4, 3), np.uint8), "transparent"):
        with pytest.raises(InputError, match="no background"):
            matte_video(video, tmp_path / "o.mp4", model=model, background=background, alpha=True)
    assert matte_video(video, tmp_path / "o.mp4", model=model, alpha=True).frames == 12


@pytest.mark.parametrize("output", ["beach.mp4", "link.mp4", "deep/../beach.mp4"])
def test_the_background_is_not_overwritten(tmp_path, video, command, output):
    beach = write_video(tmp_path / "beach.mp4", frames=5, sound=False)
    (tmp_path / "link.mp4").symlink_to(beach)
    (tmp_path / "deep").mkdir()
    before = beach.read_bytes()
    code, _, err = command("video", video, "-o", tmp_path / output, "--background", beach)
    assert code == 2 and err.count("\n") == 1 and "The background would be overwritten" in err
    assert beach.read_bytes() == before


def test_a_percent_sign_in_the_name_of_an_output_film(tmp_path, video, command, tiny_tflite):
    out = tmp_path / "p%d.mp4"
    code, _, err = command("video", video, "-o", out, "--model", tiny_tflite)
    assert code == 0 and out.is_file(), err
