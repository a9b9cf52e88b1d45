"""The network of films: it follows who enters and leaves, and holds still where people do."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import tfmatting
from tfmatting.inference.loading import OF_FILMS
from tfmatting.metrics import iou
from tfmatting.metrics.temporal import dtssd

skimage_data = pytest.importorskip("skimage.data", reason="the photo comes with scikit-image")
SETTLED = 3
"""Frames after a change."""


@pytest.fixture(scope="module")
def predictor():
    return tfmatting.load(OF_FILMS)


@pytest.fixture(scope="module")
def matte(predictor, photo):
    return predictor.stream().alpha(photo)


@pytest.fixture(scope="module")
def wall():
    return np.repeat(skimage_data.brick()[..., None], 3, axis=2)


def mattes(predictor, frames):
    stream = predictor.stream()
    return [stream.alpha(frame) for frame in frames]


def test_a_person_who_leaves_is_gone(predictor, photo, wall):
    seen = mattes(predictor, [photo] * 4 + [wall] * SETTLED)
    assert seen[3].mean() > 0.2
    assert seen[-1].mean() < 0.005


def test_a_person_who_enters_is_there(predictor, photo, matte, counted, wall):
    seen = mattes(predictor, [wall] * 4 + [photo] * SETTLED)[-1]
    assert iou(seen * counted, matte * counted) > 0.97


def test_a_cut_to_another_scene_leaves_no_ghost(predictor, photo, matte, counted):
    other = np.ascontiguousarray(photo[:, ::-1])
    seen = mattes(predictor, [photo] * 4 + [other] * SETTLED)[-1][:, ::-1]
    assert iou(seen * counted, matte * counted) > 0.97


def test_a_still_scene_stays_as_it_is(predictor, photo, matte, counted):
    """What goes in as the matte before must not grow or fade from frame to frame."""
    last = mattes(predictor, [photo] * 30)[-1]
    assert iou(last * counted, matte * counted) > 0.97
    assert abs(((last - matte) * counted).mean()) < 0.005


def test_the_frame_before_takes_off_flicker(predictor, photo, matte, wall):
    """Noise and a background that moves: the prior makes mattes of one person steadier."""
    generator = np.random.default_rng(0)
    cut = matte[..., None]
    frames = []
    for number in range(12):
        scene = np.roll(wall, (7 * number, 11 * number), axis=(0, 1))
        noise = generator.normal(0, 12, photo.shape)
        frames.append(np.clip(photo * cut + scene * (1 - cut) + noise, 0, 255).astype(np.uint8))
    alone = np.stack([predictor.stream().alpha(frame) for frame in frames])
    followed = np.stack(mattes(predictor, frames))
    truth = np.repeat(matte[None], len(frames), axis=0)
    assert dtssd(followed, truth) < 0.9 * dtssd(alone, truth)


def test_size_of_the_prior_follows_the_network_and_not_the_film(predictor, photo, matte):
    tall = cv2.resize(photo, (360, 640), interpolation=cv2.INTER_AREA)
    seen = mattes(predictor, [tall] * 2)[-1]
    assert seen.shape == (640, 360)
    assert iou(cv2.resize(seen, matte.shape[::-1]), matte) > 0.9
