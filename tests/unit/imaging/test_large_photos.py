"""Large photos are worked on in tiles: the same pixels as in one piece, in little memory."""

import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmatting.imaging.compositing import blend, blur_background
from tfmatting.imaging.foreground import estimate_foreground
from tfmatting.imaging.tiles import (
    CLEAR,
    OPAQUE,
    Enlarger,
    for_each,
    mixed_runs,
    row_strips,
    shrink_by,
    tiles,
    with_margin,
)


def scene(height, width):
    """A photo with grain, and a soft matte with settled and mixed parts."""
    rng = np.random.default_rng(height * width)
    coarse = rng.integers(30, 225, (6, 6, 3)).astype(np.float32)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    image = np.clip(image + rng.normal(0, 6, image.shape), 0, 255).astype(np.uint8)
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot((rows / height - 0.6) * 2, (columns / width - 0.4) * 2.6)
    return image, np.clip((0.8 - distance) * 12, 0, 1).astype(np.float32)


def blur_fusion(image, alpha):
    """Forte, ICIP 2021, eq. 4-6, over the whole photo at once, in float64.

    The boxes are whole pixels of the copy that the means are taken on.
    """
    scale = max(1.0, max(image.shape[:2]) / 1000)
    copy = round(scale)
    picture, weight = image.astype(np.float64), alpha[..., None].astype(np.float64)
    foreground = background = picture
    for box in (round(90 * scale / copy) * copy, round(6 * scale / copy) * copy):

        def mean(values, box=box):
            result = cv2.blur(values, (box, box), borderType=cv2.BORDER_REPLICATE)
            return result.reshape(*alpha.shape, -1)

        mean_alpha = mean(weight)
        foreground_mean = mean(foreground * weight) / (mean_alpha + 1e-5)
        background = mean(background * (1 - weight)) / (1 - mean_alpha + 1e-5)
        mixed = weight * foreground_mean + (1 - weight) * background
        foreground = np.clip(foreground_mean + weight * (picture - mixed), 0, 255)
    return foreground


@pytest.mark.parametrize("size", [(300, 420), (1100, 700), (901, 2003), (2500, 330), (517, 4100)])
def test_foreground_in_tiles_is_the_papers(size):
    image, alpha = scene(*size)
    found = estimate_foreground(image, alpha)
    seen = np.abs(found - blur_fusion(image, alpha)) * alpha[..., None]
    # rounding alone gives 0.5 and 0.25; the means of large photos are those of a smaller copy
    assert seen.max() <= (0.7 if max(size) < 1500 else 3)
    assert seen.mean() < 0.26 and (seen > 1).mean() < 0.006
    rgba = np.zeros((*size, 4), np.uint8)
    estimate_foreground(image, alpha, out=rgba[..., :3])
    assert np.array_equal(rgba[..., :3], found)


def whole_blur(image, alpha, strength):
    """Normalised convolution with three Gaussians, at full size."""
    sigma = strength * max(image.shape[:2])
    reach = max(3, round(max(image.shape[:2]) * 0.006) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    weight = np.clip(1 - 20 * cv2.dilate(alpha, kernel), 0, 1)[..., None].astype(np.float64)
    total = np.zeros((*alpha.shape, 4))
    for factor, share in ((1, 1.0), (4, 1e-3), (16, 1e-6)):
        maps = np.dstack([image * weight, weight])
        total += share * cv2.GaussianBlur(
            maps, (0, 0), sigma * factor, borderType=cv2.BORDER_REPLICATE
        )
    return total[..., :3] / np.maximum(total[..., 3:], 1e-12)


@pytest.mark.parametrize("size", [(300, 420), (700, 1300)])
def test_the_blur_in_tiles_is_the_whole_one(size):
    image, alpha = scene(*size)
    found = blur_background(image, alpha, 0.02)
    seen = np.abs(found - whole_blur(image, alpha, 0.02)) * (1 - alpha[..., None])
    assert seen.max() <= 6 and seen.mean() < 0.5  # the smaller copy ends in whole cells


def test_a_composite_in_strips_is_the_whole_one():
    image, alpha = scene(1201, 650)
    other = image[::-1].copy()
    expected = alpha[..., None] * image + (1 - alpha[..., None]) * other
    assert np.abs(blend(image, other, alpha) - expected).max() <= 0.51


@given(st.integers(1, 900), st.integers(1, 900), st.integers(1, 40))
@settings(max_examples=30)
def test_tiles_and_strips_cover_every_pixel_once(height, width, multiple):
    seen = np.zeros((height, width), int)
    for tile in tiles((height, width), multiple):
        seen[tile] += 1
        assert all(part.start % multiple == 0 for part in tile)
        outer, inner = with_margin(tile, 7, (height, width))
        assert np.array_equal(seen[outer][inner], seen[tile])
    for strip in row_strips((height, width)):
        seen[strip] += 1
    assert (seen == 2).all()


@given(st.integers(1, 400), st.integers(1, 900), st.integers(1, 90), st.integers(0, 9))
@settings(max_examples=30)
def test_runs_cover_every_pixel_once_and_tell_what_it_needs(height, width, reach, seed):
    alpha = np.zeros((height, width), np.float32)
    randomly = np.random.default_rng(seed)
    for value in (1.0, 0.5, 1.0):
        top, left = randomly.integers(0, height), randomly.integers(0, width)
        alpha[top : top + 150, left : left + 300] = value
    seen = np.zeros((height, width), int)
    for tile, kind in mixed_runs(alpha, reach):
        seen[tile] += 1
        outer, _ = with_margin(tile, reach, alpha.shape)
        if kind == OPAQUE:
            assert alpha[tile].min() == 1
        elif kind == CLEAR:
            assert alpha[outer].max() == 0
    assert (seen == 1).all()


@pytest.mark.parametrize("threads", [1, 3])
def test_each_place_is_worked_on_once_and_an_error_is_told(monkeypatch, threads):
    monkeypatch.setattr(cv2, "getNumThreads", lambda: threads)
    done = []
    for_each(done.append, range(100))
    assert sorted(done) == list(range(100))
    with pytest.raises(ZeroDivisionError):
        for_each(lambda place: 1 // place, range(3))


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 7))
@settings(max_examples=30)
def test_a_ramp_survives_shrinking_and_enlarging(height, width, factor):
    rows, columns = np.mgrid[: height * factor, : width * factor].astype(np.float32)
    maps = np.dstack([rows, columns])
    small = shrink_by(maps, factor)
    assert small.shape == (height, width, 2)
    enlarger = Enlarger(small, factor)
    inner = slice(factor, -factor or None)
    for tile in tiles(rows.shape):
        outside = np.abs(enlarger.tile(tile) - maps[tile])
        assert outside.max() <= factor / 2
    whole = enlarger.tile((slice(0, height * factor), slice(0, width * factor)))
    assert np.abs(whole - maps)[inner, inner].max(initial=0) <= 1e-3


CHILD = """
import sys
from pathlib import Path
import numpy as np
from tfmatting.photos.jobs import MatteJob
from tfmatting.photos.processor import PhotoProcessor
from tfmatting.photos.settings import MatteSettings
result = PhotoProcessor(MatteSettings(background=sys.argv[2])).run(
    MatteJob(Path(sys.argv[1]), Path(sys.argv[1]).with_suffix(".png")))
assert result.error is None, result.error
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1000)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("background", ["transparent", "blur"])
def test_a_photo_of_12_megapixels_takes_450_megabytes(tmp_path, background):
    image, _ = scene(4000, 3000)
    cv2.imwrite(str(tmp_path / "photo.jpg"), image)
    command = [sys.executable, "-c", CHILD, tmp_path / "photo.jpg", background]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert float(output) <= 450
