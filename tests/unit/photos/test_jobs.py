"""Which photos are done, under which names, and what is said of the rest."""

import io
import os
import sys

import numpy as np
import pytest
from PIL import Image

from tfmatting.errors import InputError
from tfmatting.imaging.io import list_images, read_rgba, write_image
from tfmatting.imaging.photo_files.listing import scan
from tfmatting.photos.folder import matte_folder
from tfmatting.photos.job_list import list_jobs
from tfmatting.photos.jobs import Naming, Shard

PNG = Naming(".png")


@pytest.fixture
def album(tmp_path, photo):
    """Photos of several kinds, subfolders, and what systems leave behind."""
    folder = tmp_path / "album"
    for name in ("a.jpg", "a.png", "b.webp", "inner/c.png", "inner/deep/d.jpg"):
        write_image(folder / name, photo)
    write_image(folder / "e.jpg", photo)
    (folder / "e.jpg").rename(folder / "no suffix")
    Image.fromarray(photo).save(folder / "f.gif")
    Image.fromarray(photo).save(folder / "g.avif")
    for name in ("._a.jpg", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (folder / name).write_bytes(b"\0\5\x16\7 left behind")
    (folder / "notes.txt").write_text("text")
    (folder / "clip.mov").write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ")
    (folder / "broken.jpg").write_text("not an image")
    (folder / "album.png").mkdir()
    return folder


def outputs(jobs, root):
    return [job.output.relative_to(root).as_posix() for job in jobs]


def test_images_are_listed_by_content_and_the_rest_is_named(album):
    found = [path.name for path in list_images(album)]
    assert found == ["a.jpg", "a.png", "b.webp", "broken.jpg", "f.gif", "g.avif", "no suffix"]
    reasons = {one.path.name: one.reason for one in scan(album) if not hasattr(one, "suffix")}
    assert reasons == {
        "._a.jpg": "a system file",
        ".DS_Store": "a system file",
        "Thumbs.db": "a system file",
        "desktop.ini": "a system file",
        "notes.txt": "not a picture",
        "clip.mov": "a video",
        "album.png": "a folder; search it with --recursive",
        "inner": "a folder; search it with --recursive",
    }
    deep = [path.name for path in list_images(album, recursive=True)]
    assert deep == [*found, "c.png", "d.jpg"]


def test_a_loop_of_links_ends(album):
    (album / "inner" / "loop").symlink_to(album)
    assert len(list_images(album, recursive=True)) == 9


def test_a_link_that_leads_to_itself_costs_only_itself(tmp_path, album, predictor):
    (album / "loop.jpg").symlink_to(album / "loop.jpg")
    (album / "loop").symlink_to(album / "loop")
    report = matte_folder(album, tmp_path / "out", model=predictor)
    assert {one.photo.name for one in report.failures} == {"broken.jpg", "loop.jpg"}
    assert "loop" in "\n".join(report.describe()) and len(report.written) > 3


def test_the_tree_is_kept_and_the_output_folder_is_not_searched(album, predictor):
    output = album / "out.v2"
    for _ in range(2):
        report = matte_folder(album, output, model=predictor, recursive=True)
        names = sorted(path.relative_to(output).as_posix() for path in report.written)
        assert names == [
            "a_jpg.png", "a_png.png", "b.png", "f.png", "g.png", "inner/c.png",
            "inner/deep/d.png", "no suffix.png",
        ]  # fmt: skip
        assert [one.photo.name for one in report.failures] == ["broken.jpg"]
        said = "\n".join(report.describe())
        assert "Left out 4 (a system file)" in said and "notes.txt" in said and "clip.mov" in said


def test_photos_of_one_stem_keep_their_own_kind_in_the_name(album, tmp_path):
    jobs, _ = list_jobs([album / "a.jpg", album / "a.png", album / "b.webp"], tmp_path / "o", PNG)
    assert outputs(jobs, tmp_path / "o") == ["a_jpg.png", "a_png.png", "b.png"]


def test_photos_that_still_share_an_output_cost_only_themselves(album, tmp_path, photo, predictor):
    write_image(tmp_path / "other" / "a.jpg", photo)
    given = [album / "a.jpg", tmp_path / "other" / "a.jpg", album / "b.webp"]
    report = matte_folder(given, tmp_path / "o", model=predictor)
    assert [path.name for path in report.written] == ["a_jpg.png", "b.png"]
    (failure,) = report.failures
    assert failure.photo == given[1] and str(given[0]) in str(failure.error)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "b_cutout.png"),
        ({"background": "white"}, "b_composite.jpg"),
        ({"show": "alpha"}, "b_matte.png"),
        ({"show": "visualize"}, "b_visualized.jpg"),
        ({"suffix": "-person"}, "b-person.png"),
    ],
)
def test_outputs_beside_their_photos_have_names_of_their_own_and_are_no_inputs(
    tmp_path, photo, predictor, options, name
):
    folder = tmp_path / "photos"
    write_image(folder / "b.jpg", photo)
    write_image(folder / "their_cutout.png", photo)  # a photo of that name is none of ours
    before = (folder / "b.jpg").read_bytes()
    for _ in range(3):
        report = matte_folder(folder, folder, model=predictor, **options)
        assert not report.failures and name in [path.name for path in report.written]
        assert len(report.results) == 2 and len(list(folder.iterdir())) == 4
    assert [one.reason for one in report.skipped] == ["an output of an earlier run"] * 2
    assert (folder / "b.jpg").read_bytes() == before


def test_a_suffix_leaves_no_photo_out_where_outputs_lie_elsewhere(tmp_path, photo):
    for name in ("a.jpg", "a_x.png"):
        write_image(tmp_path / "photos" / name, photo)
    jobs, skipped = list_jobs([tmp_path / "photos"], tmp_path / "o", Naming(".png", "_x"))
    assert outputs(jobs, tmp_path / "o") == ["a_x.png", "a_x_x.png"] and not skipped


def test_existing_outputs_are_replaced_or_left(album, tmp_path, predictor, network):
    output = tmp_path / "out"
    matte_folder(album / "b.webp", output, model=predictor)
    (output / "b.png").write_text("mine")
    runs = network.runs
    for target in (output, output / "b.png"):
        report = matte_folder(album / "b.webp", target, model=predictor, skip_existing=True)
        assert network.runs == runs and (output / "b.png").read_text() == "mine"
        assert [one.reason for one in report.skipped] == ["its output exists"]
    matte_folder(album / "b.webp", output, model=predictor)
    assert (output / "b.png").read_bytes().startswith(b"\x89PNG")


def test_an_output_through_a_link_replaces_what_it_points_to(album, tmp_path, predictor):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x.png").write_text("old")
    (tmp_path / "link.png").symlink_to(tmp_path / "real" / "x.png")
    (tmp_path / "folder").symlink_to(tmp_path / "real", target_is_directory=True)
    matte_folder(album / "b.webp", tmp_path / "link.png", model=predictor)
    matte_folder(album / "b.webp", tmp_path / "folder", model=predictor)
    assert (tmp_path / "link.png").is_symlink() and (tmp_path / "folder").is_symlink()
    for name in ("x.png", "b.png"):
        assert read_rgba(tmp_path / "real" / name).shape == (64, 96, 4)


@pytest.mark.parametrize("background", ["transparent", "#fff"])
def test_standard_streams_are_a_photo_and_an_output(album, predictor, monkeypatch, background):
    class Stream:
        def __init__(self, data=b""):
            self.buffer = io.BytesIO(data)

    monkeypatch.setattr(sys, "stdin", Stream((album / "b.webp").read_bytes()))
    monkeypatch.setattr(sys, "stdout", output := Stream())
    report = matte_folder("-", "-", model=predictor, background=background)
    assert not report.failures
    picture = Image.open(io.BytesIO(output.buffer.getvalue()))
    assert (picture.format, picture.mode) == (
        ("PNG", "RGBA") if background == "transparent" else ("JPEG", "RGB")
    )


def test_a_photo_keeps_its_own_transparency(tmp_path, photo, predictor):
    opacity = np.full(photo.shape[:2], 255, np.uint8)
    opacity[:20] = 0
    write_image(tmp_path / "a.png", np.dstack([photo, opacity]))
    (path,) = matte_folder(tmp_path / "a.png", tmp_path / "o", model=predictor).written
    alpha = read_rgba(path)[..., 3]
    assert alpha[:20].max() == 0 and alpha[40, 90] == 255


def test_a_photo_that_does_not_fit_in_memory_costs_only_itself(album, tmp_path, predictor):
    runs = []

    class Hungry:
        input_size, input_names = predictor.runtime.input_size, ("image",)

        def run(self, inputs):
            runs.append(1)
            if len(runs) == 1:
                raise MemoryError
            return predictor.runtime.run(inputs)

    from tfmatting.inference.predictor import Predictor

    given = [album / "a.jpg", album / "b.webp"]
    report = matte_folder(given, tmp_path / "o", model=Predictor(Hungry()))
    assert [path.name for path in report.written] == ["b.png"]
    assert "memory" in str(report.failures[0].error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_opened_is_named(album):
    (album / "inner").chmod(0)
    try:
        reasons = [one.reason for one in scan(album, recursive=True) if not hasattr(one, "suffix")]
    finally:
        (album / "inner").chmod(0o755)
    assert any("cannot be opened" in reason for reason in reasons)


def test_shards_are_disjoint_and_whole(album, tmp_path):
    parts = [
        list_jobs([album], tmp_path / "o", PNG, recursive=True, shard=Shard(i, 3))[0]
        for i in (1, 2, 3)
    ]
    whole, _ = list_jobs([album], tmp_path / "o", PNG, recursive=True)
    assert sorted(job.photo for part in parts for job in part) == sorted(job.photo for job in whole)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert Shard.parse("2/8") == Shard(2, 8)
    for text in ("0/4", "5/4", "1", "a/b", "-1/2"):
        with pytest.raises(InputError, match=f"Received: '{text}'"):
            Shard.parse(text)
