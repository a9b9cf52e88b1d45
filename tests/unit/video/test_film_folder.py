"""A folder of films: one after another, broken ones counted, stopped runs continued."""

import numpy as np
import pytest

from tests.unit.video.conftest import write_video
from tfmatting.errors import InputError
from tfmatting.imaging.io import write_image
from tfmatting.row_file import read_rows
from tfmatting.video.folder import matte_videos
from tfmatting.video.one_film import COLUMNS


class Brightness:
    input_size, input_names = (32, 48), ("image",)

    def run(self, inputs):
        return {"alpha": inputs["image"][..., :1].astype(np.float32) / 255}


@pytest.fixture
def model():
    from tfmatting.inference.predictor import Predictor

    return Predictor(Brightness())


@pytest.fixture
def films(tmp_path):
    folder = tmp_path / "films"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.mov", "a.mp4", "deep/b.mkv"):
        write_video(folder / name, 4, sound=False)
    (folder / "broken.mp4").write_bytes(b"no film")
    write_image(folder / "photo.png", np.zeros((8, 8, 3), np.uint8))
    (folder / "notes.txt").write_text("text")
    return folder


def test_films_are_matted_counted_and_a_second_run_does_the_rest(tmp_path, films, model):
    out, table = tmp_path / "out", tmp_path / "films.csv"
    options = {"model": model, "background": "#00aa55", "recursive": True, "manifest": table}
    results, skipped = matte_videos(films, out, **options)
    names = ["a_mov.mp4", "a_mp4.mp4", "broken.mp4", "deep/b.mp4"]
    assert [one.output.relative_to(out).as_posix() for one in results] == names
    assert [one.film.name for one in results if one.error] == ["broken.mp4"]
    assert [one.report.frames for one in results if one.report] == [4, 4, 4]
    assert {one.path.name: one.reason for one in skipped} == {
        "notes.txt": "not a picture", "photo.png": "a picture",
    }  # fmt: skip
    (out / "a_mov.mp4").unlink()
    before = (out / "a_mp4.mp4").stat().st_mtime_ns
    results, skipped = matte_videos(films, out, resume=True, **options)
    assert [one.film.name for one in results] == ["a.mov", "broken.mp4"]
    assert (out / "a_mp4.mp4").stat().st_mtime_ns == before
    assert [one.reason for one in skipped].count("its output exists") == 2
    rows = list(read_rows(table, COLUMNS))
    assert [row["frames"] for row in rows] == [4, 4, 0, 4] and rows[2]["error"]


def test_a_film_that_was_stopped_is_continued(tmp_path, films, model):
    class StopError(Exception):
        pass

    def stops(frames, **_):
        yield next(iter(frames))
        raise StopError

    out = tmp_path / "out"
    options = {"model": model, "background": "white"}
    with pytest.raises(StopError):
        matte_videos(films, out, progress=stops, **options)
    results, _ = matte_videos(films, out, resume=True, **options)
    assert [one.output.name for one in results if one.sound] == ["a_mov.mp4", "a_mp4.mp4"]
    assert not [path.name for path in out.iterdir() if path.name.endswith(".segments")]


def test_what_cannot_be_done_is_refused_before_the_work(tmp_path, films, model):
    (tmp_path / "empty").mkdir()
    for folder, out, options, message in (
        (tmp_path / "empty", tmp_path / "o", {}, "No films"),
        (films, films, {}, "Give another -o"),
        (films, tmp_path / "o", {"container": ".xyz"}, "A container is one of"),
    ):
        with pytest.raises(InputError, match=message):
            matte_videos(folder, out, model=model, **options)


def test_two_films_do_not_become_one_file(tmp_path, model, command, tiny_tflite):
    folder, out = tmp_path / "films", tmp_path / "out"
    folder.mkdir()
    for name in ("a.mov", "a.mp4", "a_mov.mp4", "b.MP4", "b.mp4"):
        write_video(folder / name, 4, sound=False)
    if len(list(folder.iterdir())) < 5:
        pytest.skip("capitals do not count here")
    for resume in (False, True):
        table = tmp_path / f"{resume}.csv"
        results, skipped = matte_videos(folder, out, model=model, resume=resume, manifest=table)
        assert len(skipped) == (3 if resume else 0)
        refused = {one.film.name: str(one.error) for one in results if one.error}
        assert refused == {
            "a_mov.mp4": f"{folder / 'a.mov'} becomes {out / 'a_mov.mp4'} already. Rename one of "
            "the two films.",
            "b.mp4": f"{folder / 'b.MP4'} becomes {out / 'b_mp4.mp4'} already. Rename one of the "
            "two films.",
        }
        rows = read_rows(table, COLUMNS)
        assert {row["film"] for row in rows if row["error"]} == {str(folder / n) for n in refused}
    code, text, err = command("video", folder, "-o", tmp_path / "o", "--model", tiny_tflite)
    assert code == 2 and "3 of 5 written" in text and err.count(" already. ") == 2


def test_outputs_that_are_one_file_under_two_names(tmp_path, model):
    """A link stands in for a disk where capitals do not count."""
    folder, out = tmp_path / "films", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    for name in ("B.mov", "b.mp4", "c.mp4"):
        write_video(folder / name, 4, sound=False)
    (out / "b.mp4").symlink_to(out / "B.mp4")
    (out / "c.mp4").symlink_to(folder / "b.mp4")
    before = (folder / "b.mp4").read_bytes()
    results, _ = matte_videos(folder, out, model=model)
    assert [one.sound for one in results] == [True, False, False]
    assert "becomes" in str(results[1].error) and "overwritten" in str(results[2].error)
    assert (folder / "b.mp4").read_bytes() == before


def test_films_with_percent_signs_in_their_names(tmp_path, model):
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("p%d.mp4", "q%03d.mkv"):
        write_video(folder / name, 4, sound=False)
    results, _ = matte_videos(folder, tmp_path / "out", model=model)
    assert [one.error for one in results] == [None, None]
    assert [one.output.name for one in results] == ["p%d.mp4", "q%03d.mp4"]
    assert all(one.output.is_file() for one in results)


def test_an_output_is_never_the_background(tmp_path, films, model):
    (tmp_path / "out").mkdir()
    beach = write_video(tmp_path / "out" / "a_mp4.mp4", 4, sound=False)
    before = beach.read_bytes()
    results, _ = matte_videos(films, beach.parent, model=model, background=beach)
    errors = {one.film.name: str(one.error) for one in results if one.error}
    assert "The background would be overwritten" in errors["a.mp4"] and "a.mov" not in errors
    assert beach.read_bytes() == before
