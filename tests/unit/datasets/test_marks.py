"""What a data set states beside alpha: its own trimaps, classes, and pixels without a class."""

import dataclasses

import cv2
import numpy as np
import pytest
from PIL import Image

from tfmatting.datasets.augmentation.augment import NONE, Augmentation
from tfmatting.datasets.augmentation.composition import Composition
from tfmatting.datasets.pipeline.dataset import make_dataset
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.preparation import Preparation, prepare
from tfmatting.datasets.sample import Sample
from tfmatting.datasets.sources import read_everything, read_split
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.imaging.io import read_alpha, write_image
from tfmatting.training.callbacks.recorder import draw_grid, trimap_picture

SAMPLE = sample_listing(1, size=(64, 48)).sources[0].load()
STILL = PipelineSettings((64, 48), 1)
TRIMAP = np.zeros((64, 48), np.uint8)
TRIMAP[10:40, 5:30], TRIMAP[20:30, 10:20] = 128, 255


class Given:
    """A sample with what is asked for."""

    identifier = "given"

    def __init__(self, **changes):
        self.sample = dataclasses.replace(SAMPLE, **changes)

    def load(self) -> Sample:
        return self.sample


def truths(source, settings=STILL, epochs=1):
    batches = make_dataset([source] * settings.batch_size, settings, epochs=epochs)
    return [
        ({name: value.numpy() for name, value in inputs.items()},)
        + ({name: value.numpy() for name, value in truth.items()},)
        for inputs, truth in batches
    ]


def test_given_trimaps_are_what_is_learnt():
    ((_, truth),) = truths(Given(trimap=TRIMAP))
    assert np.array_equal(truth["trimap"][0].argmax(-1), TRIMAP // 127)
    assert np.array_equal(truth["scene"][0, ..., 1], TRIMAP == 128)
    drawn = dataclasses.replace(STILL, given_trimaps=False)
    ((_, truth),) = truths(Given(trimap=TRIMAP), drawn)
    ((_, plain),) = truths(Given(), drawn)
    assert np.array_equal(truth["trimap"], plain["trimap"])
    assert not np.array_equal(truth["trimap"][0].argmax(-1), TRIMAP // 127)


def test_trimaps_follow_the_geometry_and_are_never_mixed():
    moved = dataclasses.replace(NONE, flip=0.5, rotation=15, zoom=(0.8, 1.4), shift=0.1)
    settings = dataclasses.replace(STILL, augmentation=moved)
    alpha = np.where(TRIMAP == 255, 255, 0).astype(np.uint8)
    for _, truth in truths(Given(alpha=alpha, trimap=TRIMAP), settings, epochs=6):
        classes = truth["trimap"][0]
        assert set(np.unique(classes)) <= {0.0, 1.0} and (classes.sum(-1) == 1).all()
        solid = truth["alpha"][0, ..., 0] > 0.99
        assert classes[solid].argmax(-1).min() == 2 and classes[..., 1].any()


def test_composed_scenes_have_drawn_trimaps():
    settings = dataclasses.replace(
        STILL, augmentation=Augmentation(), composition=Composition(replace=0.0, empty=1.0)
    )
    ((_, truth),) = truths(Given(trimap=TRIMAP), settings)
    assert truth["trimap"][0, ..., 0].all()  # nobody there, so no band


@pytest.mark.parametrize("augmentation", [NONE, Augmentation(degradation=1.0)])
@pytest.mark.parametrize("classes", [1, 2])
def test_every_truth_says_where_nothing_is_stated(augmentation, classes):
    ignored = np.zeros((64, 48), bool)
    ignored[20:30] = True
    settings = dataclasses.replace(STILL, augmentation=augmentation, classes=classes)
    for _, truth in truths(Given(ignored=ignored), settings, epochs=3):
        holes = [maps[0, ..., 0] < 0 for maps in truth.values()]
        assert holes[0].any() and not holes[0].all()
        assert all(np.array_equal(hole, holes[0]) for hole in holes)
        if augmentation == NONE:
            assert np.array_equal(holes[0], ignored)


def voc(root, person, others=0):
    """Four photos of a person, of which two are for validation, and others without."""
    folder = root / "ImageSets" / "Segmentation"
    folder.mkdir(parents=True)
    for number, source in enumerate(sample_listing(4 + others, size=(64, 48)).sources):
        sample = source.load()
        mask = np.where(sample.alpha > 127, person if number < 4 else 3, 0).astype(np.uint8)
        mask[(sample.alpha > 40) & (sample.alpha < 215)] = 255
        write_image(root / "JPEGImages" / f"{number}.jpg", sample.image)
        write_image(root / "SegmentationClass" / f"{number}.png", mask)
    (folder / "train.txt").write_text("".join(f"{n}\n" for n in range(2, 4 + others)))
    (folder / "val.txt").write_text("0\n1\n")
    return root


def split_of(root, classes=2):
    return read_split(
        str(root), validation_part=0.1, seed=0, sample_count=0, classes=classes, numbers=True
    )


@pytest.mark.parametrize("person", [15, 1])
def test_voc_gives_people_and_leaves_out_who_has_none(tmp_path, person):
    split = split_of(voc(tmp_path, person, others=2 if person == 15 else 0))
    assert [source.identifier for source in split.train.sources] == ["2", "3"]
    assert ("2 photos without a person" in split.train.origin) == (person == 15)
    for source in split.train.sources:
        sample = source.load()
        assert set(np.unique(sample.alpha)) == {0, 255} and sample.ignored.any()
        assert not sample.alpha[sample.ignored].any()


def test_voc_of_many_classes(tmp_path):
    split = split_of(voc(tmp_path, 15, others=2), classes=21)
    assert len(split.train.sources) == 4
    settings = PipelineSettings((64, 48), 4, classes=21, person_class=15)
    _, truth = next(iter(make_dataset(split.train.sources, settings, epochs=1)))
    classes = truth["classes"].numpy()
    assert (classes[..., 0] < 0).any()
    stated = classes[..., 0] >= 0
    assert set(np.unique(classes[stated].argmax(-1))) == {0, 3, 15}


def test_masks_of_0_and_1_are_class_numbers_for_segmenters_only(tmp_path):
    for number, source in enumerate(sample_listing(4, size=(64, 48)).sources):
        sample = source.load()
        write_image(tmp_path / "image" / f"{number}.png", sample.image)
        write_image(tmp_path / "alpha" / f"{number}.png", (sample.alpha > 127).astype(np.uint8))
    sources = split_of(tmp_path).train.sources
    assert set(np.unique(sources[0].load().alpha)) == {0, 255}
    split = read_split(str(tmp_path), validation_part=0.1, seed=0, sample_count=0)
    with pytest.raises(ValueError, match="values 0 and 1"):
        split.train.sources[0].load()


def test_masks_of_0_and_255_stay_masks_though_some_pixels_are_1(tmp_path, pairs):
    for number, source in enumerate(sample_listing(3, size=(64, 48)).sources):
        sample = source.load()
        mask = np.where(sample.alpha > 127, 255, 0).astype(np.uint8)
        mask[0, 0] = 1
        write_image(tmp_path / "image" / f"{number}.png", sample.image)
        write_image(tmp_path / "alpha" / f"{number}.png", mask)
    for root in (tmp_path, pairs):
        assert all(getattr(s, "person", None) is None for s in split_of(root).train.sources)


def test_letterboxed_samples_keep_their_proportions():
    image = np.full((20, 60, 3), 200, np.uint8)
    alpha = np.zeros((20, 60), np.uint8)
    alpha[5:15, 20:30] = 255  # a square
    source = Given(image=image, alpha=alpha, trimap=None)
    settings = PipelineSettings((60, 60), 1, letterbox=True)
    ((inputs, truth),) = truths(source, settings)
    rows, columns = np.nonzero(truth["alpha"][0, ..., 0] > 0.5)
    assert np.ptp(rows) == np.ptp(columns) == 9
    assert (inputs["image"][0, :20] == 128).all() and (inputs["image"][0, 40:] == 128).all()
    assert not truth["alpha"][0, :20].any()
    ((_, stretched),) = truths(source, PipelineSettings((60, 60), 1))
    rows, columns = np.nonzero(stretched["alpha"][0, ..., 0] > 0.5)
    assert np.ptp(rows) > 2 * np.ptp(columns)


def test_the_cubic_rule_is_opencvs_and_used_once():
    """As T-Net's own code does it: both maps straight from the photo's size to the network's."""
    settings = PipelineSettings((32, 32), 1, resizing="cubic")
    source = Given(trimap=TRIMAP)
    ((inputs, truth),) = truths(source, settings)
    image = cv2.resize(SAMPLE.image, (32, 32), interpolation=cv2.INTER_CUBIC)
    alpha = cv2.resize(SAMPLE.alpha, (32, 32), interpolation=cv2.INTER_CUBIC)
    trimap = cv2.resize(TRIMAP, (32, 32), interpolation=cv2.INTER_NEAREST)
    assert np.array_equal(inputs["image"][0], image)
    np.testing.assert_allclose(truth["alpha"][0, ..., 0], alpha / 255, atol=1e-6)
    assert np.array_equal(truth["trimap"][0].argmax(-1), trimap // 127)
    ((by_area, _),) = truths(source, PipelineSettings((32, 32), 1))
    assert np.abs(by_area["image"][0].astype(int) - image).mean() > 1
    for wrong in ({"resizing": "nearest"}, {"augmentation": Augmentation()}):
        with pytest.raises(ValueError, match="resiz"):
            dataclasses.replace(settings, **wrong)


def test_prepare_keeps_given_trimaps_and_lists_bring_them(tmp_path):
    write_image(tmp_path / "in" / "image" / "a.png", SAMPLE.image)
    write_image(tmp_path / "in" / "alpha" / "a.png", SAMPLE.alpha)
    write_image(tmp_path / "in" / "trimap" / "a.png", TRIMAP)
    samples = read_everything(tmp_path / "in", "pairs", None, 0, 0)
    prepare(samples, tmp_path / "out", Preparation(train_ratio=1, lists="x"))
    for name in ("lfm-lists", "tnet-lists"):
        parts = read_everything(tmp_path / "out", name, None, 0, 0)
        (source,) = parts.train.sources
        assert np.array_equal(source.load().trimap, TRIMAP)
    prepare(samples, tmp_path / "new", Preparation(keep_trimaps=False))
    assert not np.array_equal(read_alpha(tmp_path / "new" / "trimap" / "a.png"), TRIMAP)


def test_grids_show_trimaps():
    image = np.zeros((2, 8, 8, 3), np.uint8)
    classes = np.eye(3)[np.array([[[0, 1], [2, 1]]])]
    picture = trimap_picture(classes)
    assert picture[0, ..., 0].tolist() == [[0, 0.5], [1, 0.5]]
    alpha = np.zeros((2, 8, 8, 1))
    assert draw_grid(image, alpha, alpha, alpha, alpha).shape == (40, 16, 3)


def test_a_turned_palette_does_not_turn_the_mask(tmp_path):
    """Index 0 is white, the person: the picture shows a matte, so its indices are no classes."""
    for number, source in enumerate(sample_listing(3, size=(64, 48)).sources):
        sample = source.load()
        write_image(tmp_path / "image" / f"{number}.png", sample.image)
        picture = Image.fromarray((sample.alpha < 128).astype(np.uint8), "P")
        picture.putpalette([255, 255, 255, 0, 0, 0])
        (tmp_path / "alpha").mkdir(exist_ok=True)
        picture.save(tmp_path / "alpha" / f"{number}.png")
    for source in split_of(tmp_path).train.sources:
        original = sample_listing(3, size=(64, 48)).sources[int(source.identifier)].load()
        assert np.array_equal(source.load().alpha > 127, original.alpha >= 128)
