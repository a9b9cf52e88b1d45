import json

import numpy as np
import pytest
from PIL import Image

from tfmatting.datasets.readers import LAYOUTS, find_layout
from tfmatting.datasets.sample import FileSource
from tfmatting.imaging.io import ImageError, write_image
from tfmatting.imaging.visualization import palette

IMAGE = np.random.default_rng(0).integers(0, 255, (20, 16, 3)).astype(np.uint8)
ALPHA = np.zeros((20, 16), np.uint8)
ALPHA[5:15, 4:12] = 255
RGBA = np.dstack([IMAGE, ALPHA])


def make_pairs(root):
    for name in ("a", "b"):
        write_image(root / "image" / f"{name}.jpg", IMAGE)
        write_image(root / "alpha" / f"{name}.png", ALPHA)
    write_image(root / "trimap" / "a.png", np.full_like(ALPHA, 128))
    write_image(root / "image" / "lonely.jpg", IMAGE)
    write_image(root / "alpha" / "orphan.png", ALPHA)
    return ["a", "b"], 2


def make_aisegment(root):
    for name in ("1-00001", "1-00002"):
        write_image(root / "clip_img/180/clip_00000000" / f"{name}.jpg", IMAGE)
        write_image(root / "matting/180/matting_00000000" / f"{name}.png", RGBA)
    write_image(root / "clip_img/180/clip_00000000/1-3.jpg", IMAGE)
    (root / "matting/180/._matting_00000000").mkdir()
    (root / "matting/180/._matting_00000000/1-00001.png").touch()
    return ["180_00000000_1-00001", "180_00000000_1-00002"], 1


def make_portraits(root):
    for folder in ("training", "testing"):
        write_image(root / folder / "00001.png", IMAGE)
        write_image(root / folder / "00001_matte.png", ALPHA)
    write_image(root / "training" / "00002.png", IMAGE)
    write_image(root / "testing" / "00003_matte.png", ALPHA)
    return ["testing_00001", "training_00001"], 2


def make_lfm(root):
    write_image(root / "photos" / "a.jpg", IMAGE)
    write_image(root / "alpha" / "a.png", ALPHA)
    absolute = f"{root / 'photos/a.jpg'} {root / 'alpha/a.png'}\n"
    (root / "train_set.txt").write_text("photos/a.jpg\talpha/a.png\n" + absolute + "one-path\n\n")
    (root / "val_set.txt").write_text("photos/a.jpg, alpha/missing.png\n")
    return ["a", "a_2"], 2


def make_tnet(root):
    write_image(root / "AiFenGe/img/0.png", IMAGE)
    write_image(root / "AiFenGe/alpha/0.png", ALPHA)
    write_image(root / "AiFenGe/trimap/0.png", np.full_like(ALPHA, 128))
    for kind, folder in (("img", "img"), ("alpha", "alpha"), ("trimap", "trimap")):
        paths = [f"./AiFenGe/{folder}/0.png", f".\\AiFenGe\\{folder}\\1.png"]
        (root / f"aifenge_{kind}.json").write_text(json.dumps(paths))
    return ["0"], 1


def make_cutouts(root):
    write_image(root / "cutout" / "a.png", RGBA)
    for name in ("x", "y"):
        write_image(root / "background" / f"{name}.jpg", np.full((30, 90, 3), 40, np.uint8))
    return ["a_on_x", "a_on_y"], 0


def make_clips(root, images, alphas):
    for clip in ("a", "b"):
        for number in (0, 1, 2):
            write_image(root / images / clip / f"{number:04d}.jpg", IMAGE)
            if (clip, number) != ("b", 1):
                write_image(root / alphas / clip / f"{number:04d}.png", ALPHA)
    write_image(root / alphas / "b" / "0009.png", ALPHA)
    return ["a_0000", "a_0001", "a_0002", "b_0000", "b_0002"], 2


def make_conference(root):
    for video, number in (("", 1), ("", 2), ("", 10), ("3", 1)):
        write_image(root / "original_training" / f"original{video}_{number}.jpg", IMAGE)
        write_image(root / "ground_truth_training" / f"gt{video}_{number}.png", ALPHA)
    write_image(root / "original_training" / "original_3.jpg", IMAGE)
    write_image(root / "original_training" / "another.jpg", IMAGE)
    return ["video_1", "video_2", "video_10", "video3_1"], 2


def make_voc(root):
    classes = np.zeros((20, 16), np.uint8)
    classes[ALPHA == 255] = 15
    for name in ("2007_000001", "2007_000002"):
        write_image(root / "JPEGImages" / f"{name}.jpg", IMAGE)
        write_palette(root / "SegmentationClass" / f"{name}.png", classes)
    write_image(root / "JPEGImages" / "unlabelled.jpg", IMAGE)
    write_palette(root / "SegmentationClass" / "orphan.png", classes)
    return ["2007_000001", "2007_000002"], 1


def write_palette(path, numbers):
    """A PNG with VOC's palette, as the published maps are."""
    picture = Image.fromarray(numbers, "P")
    picture.putpalette(palette().ravel().tolist())
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


MAKERS = {
    "voc": make_voc,
    "frames": lambda root: make_clips(root, "frames", "alpha"),
    "videomatte240k": lambda root: make_clips(root, "fgr", "pha"),
    "conference-video": make_conference,
    "pairs": make_pairs,
    "aisegment": make_aisegment,
    "automatic-portrait-matting": make_portraits,
    "lfm-lists": make_lfm,
    "tnet-lists": make_tnet,
    "cutouts": make_cutouts,
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_recognised_read_and_its_faults_counted(tmp_path, name):
    identifiers, problems = MAKERS[name](tmp_path)
    layout = find_layout(tmp_path)
    assert layout.name == name
    listing = layout.read(tmp_path)
    assert [source.identifier for source in listing.sources] == identifiers
    assert len(listing.problems) == problems
    for source in listing.sources:
        sample = source.load()
        assert sample.identifier == source.identifier
        assert np.array_equal(sample.alpha, ALPHA)
        assert sample.image.shape == IMAGE.shape and sample.image.dtype == np.uint8


def test_trimaps_come_along_where_there_are_any(tmp_path):
    make_pairs(tmp_path)
    first, second = LAYOUTS["pairs"].read(tmp_path).sources
    assert (first.load().trimap == 128).all() and second.load().trimap is None


def test_composites_lie_on_their_background(tmp_path):
    make_cutouts(tmp_path)
    sample = LAYOUTS["cutouts"].read(tmp_path).sources[0].load()
    assert (sample.image[ALPHA == 255] == IMAGE[ALPHA == 255]).all()
    assert np.abs(sample.image[ALPHA == 0].astype(int) - 40).max() <= 1


def test_unknown_folders_and_names_list_the_known_layouts(tmp_path):
    with pytest.raises(ValueError, match=r"aisegment.*cutouts"):
        find_layout(tmp_path)
    with pytest.raises(ValueError, match="tnet-lists"):
        find_layout(tmp_path, "coco")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        find_layout(tmp_path / "nowhere")


def test_lists_of_different_lengths_are_refused(tmp_path):
    make_tnet(tmp_path)
    (tmp_path / "aifenge_alpha.json").write_text("[]")
    with pytest.raises(ValueError, match="one length"):
        find_layout(tmp_path).read(tmp_path)
    (tmp_path / "aifenge_alpha.json").write_text("{")
    with pytest.raises(ValueError, match=r"aifenge_alpha\.json must be JSON\."):
        find_layout(tmp_path).read(tmp_path)


@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        (np.zeros((20, 16), np.uint8), "all 0"),
        (np.full((20, 16), 255, np.uint8), "all 255"),
        (ALPHA // 255, "values 0 and 1"),
        (ALPHA[:10], "one size"),
    ],
)
def test_alphas_that_would_train_wrongly_are_refused(tmp_path, alpha, message):
    write_image(tmp_path / "i.png", IMAGE)
    write_image(tmp_path / "a.png", alpha)
    with pytest.raises(ImageError, match=message):
        FileSource("x", tmp_path / "i.png", tmp_path / "a.png").load()
