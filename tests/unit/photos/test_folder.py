import pickle

import numpy as np
import pytest

from tfmatting.errors import InputError
from tfmatting.imaging.io import read_image, read_rgba, write_image
from tfmatting.inference import load
from tfmatting.photos.folder import matte_folder
from tfmatting.photos.job_list import list_jobs
from tfmatting.photos.jobs import Naming
from tfmatting.photos.processor import PhotoProcessor
from tfmatting.photos.settings import MatteSettings


@pytest.fixture
def folder(tmp_path, photo):
    """Two photos and a broken one."""
    for name in ("a.jpg", "b.png"):
        write_image(tmp_path / "in" / name, photo)
    (tmp_path / "in" / "broken.jpg").write_text("not an image")
    return tmp_path / "in"


def names(paths):
    return [path.name for path in paths]


def test_a_broken_photo_does_not_stop_the_others(tmp_path, folder, predictor):
    report = matte_folder(folder, tmp_path / "out", model=predictor)
    assert names(report.written) == ["a.png", "b.png"]
    assert sorted(names((tmp_path / "out").iterdir())) == ["a.png", "b.png"]
    (failure,) = report.failures
    assert failure.photo == folder / "broken.jpg" and "Not a picture" in str(failure.error)
    assert failure.size == (0, 0) and not failure.output.exists()
    good = report.results[0]
    assert good.size == (64, 96) and good.milliseconds > 0
    assert good.coverage == pytest.approx(0.5, abs=0.03)


def test_a_photo_seen_both_ways_round_has_the_matte_of_such_a_predictor(tmp_path):
    data = pytest.importorskip("skimage.data", reason="the photo comes with scikit-image")
    photo = data.astronaut()[::2, ::2]
    write_image(tmp_path / "photo.png", photo)
    seen = {}
    for mirrored in (False, True):
        target = tmp_path / f"{mirrored}.png"
        given = {"model": "portrait_lite", "show": "alpha", "mirrored": mirrored, "threads": 1}
        matte_folder(tmp_path / "photo.png", target, **given)
        seen[mirrored] = read_image(target)[..., 0]
        expected = load("portrait_lite", mirrored=mirrored, threads=1).alpha(photo)
        np.testing.assert_allclose(seen[mirrored] / 255, expected, atol=0.003)
    assert (seen[False] != seen[True]).any()


def test_a_mistyped_suffix_of_one_photo_is_refused_and_a_folder_of_that_name_is_taken(
    tmp_path, folder, predictor
):
    output = tmp_path / "me.pgn"
    with pytest.raises(InputError, match=r"ends in \.jpg.*Received: 'me.pgn'"):
        matte_folder(folder / "a.jpg", output, model=predictor)
    assert not output.exists()
    output.mkdir()
    assert names(matte_folder(folder / "a.jpg", output, model=predictor).written) == ["a.png"]


def test_a_loaded_predictor_has_its_own_way_of_seeing(folder, predictor, tmp_path):
    with pytest.raises(InputError, match="`mirrored` of a loaded Predictor is fixed"):
        matte_folder(folder, tmp_path / "out", model=predictor, mirrored=True)


def test_a_single_photo_that_fails_is_reported_too(tmp_path, folder, predictor):
    report = matte_folder(folder / "broken.jpg", tmp_path / "x.png", model=predictor)
    assert not report.written and len(report.failures) == 1
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize(
    ("options", "suffix", "shape"),
    [
        ({}, ".png", (64, 96, 4)),
        ({"background": "#102030"}, ".jpg", (64, 96, 3)),
        ({"background": "blur"}, ".jpg", (64, 96, 3)),
        ({"show": "alpha", "background": "blur"}, ".png", (64, 96, 3)),
        ({"show": "visualize"}, ".jpg", (64, 288, 3)),
    ],
)
def test_outputs_are_named_and_shaped_by_what_they_show(
    tmp_path, folder, predictor, options, suffix, shape
):
    report = matte_folder([folder / "a.jpg"], tmp_path / "out", model=predictor, **options)
    (output,) = report.written
    assert output == tmp_path / "out" / f"a{suffix}"
    image = read_rgba(output) if len(shape) == 3 and shape[2] == 4 else read_image(output)
    assert image.shape == shape


def test_visualize_runs_the_network_once(photo, class_network):
    from tfmatting.inference.predictor import Predictor

    settings = MatteSettings(Predictor(class_network), show="visualize")
    picture = PhotoProcessor(settings).render(photo)
    assert class_network.runs == 1
    assert picture[32, 96 + 90].tolist() == [128, 128, 0]  # class 3 in the palette
    assert picture[32, 96 + 5].tolist() == [0, 0, 0]


def test_progress_sees_every_photo(tmp_path, folder, predictor):
    seen = []

    def progress(jobs):
        for job in jobs:
            seen.append(job.photo.name)
            yield job

    matte_folder(folder, tmp_path / "out", model=predictor, progress=progress)
    assert seen == ["a.jpg", "b.png", "broken.jpg"]


def test_lists_that_cannot_be_written_are_refused_before_the_work(tmp_path, folder, network):
    from tfmatting.inference.predictor import Predictor

    predictor, out = Predictor(network), tmp_path / "out"
    (tmp_path / "empty").mkdir()
    write_image(tmp_path / "other" / "a.png", np.zeros((4, 4, 3), np.uint8))
    for photos, output, message in (
        (tmp_path / "empty", out, "No pictures"),
        (folder, tmp_path / "one.png", "3 photos need a folder"),
        (folder / "a.jpg", tmp_path / "out.gif", "out.gif"),
        (folder / "b.png", folder / "b.png", "Give another name"),
    ):
        with pytest.raises(ValueError, match=message):
            matte_folder(photos, output, model=predictor)
    with pytest.raises(FileNotFoundError, match="unknown"):
        matte_folder(folder, out, model="unknown")
    assert network.runs == 0 and not out.exists()


def test_jobs_keep_the_order_of_the_photos(tmp_path, folder):
    jobs, _ = list_jobs([folder / "b.png", folder / "a.jpg"], tmp_path / "out", Naming(".png"))
    assert [(job.photo.name, job.output.name) for job in jobs] == [
        ("b.png", "b.png"),
        ("a.jpg", "a.png"),
    ]


def test_settings_and_results_can_go_to_another_process(tmp_path, folder, predictor):
    settings = MatteSettings("portrait", "#102030", threshold=0.4)
    assert pickle.loads(pickle.dumps(settings)) == settings
    results = matte_folder(folder, tmp_path / "out", model=predictor).results
    again = pickle.loads(pickle.dumps(results))
    assert again[:2] == results[:2] and str(again[2].error) == str(results[2].error)


def test_settings_out_of_range_are_refused():
    for options, message in (
        ({"show": "everything"}, "composite"),
        ({"foreground": "magic"}, "blur-fusion"),
        ({"threshold": 1.5}, "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=message):
            MatteSettings(**options)
