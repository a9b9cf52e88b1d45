"""Figures of all classes, against sets of pixels."""

import json

import numpy as np
import pytest

from tests.unit.datasets.test_marks import voc
from tfmatting import build
from tfmatting.evaluation.classes import evaluate_classes
from tfmatting.imaging.io import read_image, write_image
from tfmatting.metrics.classes import class_iou, class_recall, confusion
from tfmatting.models import save_model


class Labels:
    """Gives what it was told, one map a photo."""

    def __init__(self, maps):
        self._maps = iter(maps)

    def labels(self, image):
        labels = next(self._maps)
        assert labels.shape == image.shape[:2]
        return labels


def test_the_figures_are_those_of_sets_of_pixels():
    generator = np.random.default_rng(0)
    truth, pred = generator.integers(0, 4, (2, 30, 20)).astype(np.uint8)
    truth[:3] = 255
    truth[truth == 3] = 0  # predicted, and never true
    matrix = confusion(pred, truth, 6)
    iou, recall = class_iou(matrix), class_recall(matrix)
    stated = truth != 255
    assert matrix.sum() == stated.sum()
    for number in range(4):
        is_true, is_pred = (truth == number) & stated, (pred == number) & stated
        assert iou[number] == (is_true & is_pred).sum() / (is_true | is_pred).sum()
        if number < 3:
            assert recall[number] == (is_true & is_pred).sum() / is_true.sum()
    assert iou[3] == 0 and np.isnan(recall[3]) and np.isnan(iou[4:]).all()


def test_images_are_pooled_and_what_cannot_be_read_is_told(tmp_path):
    root = voc(tmp_path, 15)
    truth = [read_image(root / "SegmentationClass" / f"{n}.png")[..., 0] for n in (0, 1)]
    wrong = truth[1].copy()
    wrong[wrong == 15], wrong[wrong == 255] = 3, 7
    result = evaluate_classes(Labels([np.where(truth[0] == 255, 7, truth[0]), wrong]), root, 21)
    people = [np.count_nonzero(labels == 15) for labels in truth]
    assert result.images == 2 and "val.txt" in result.origin and not result.problems
    figures = result.as_json()
    assert figures["iou"] == {"0": 1.0, "3": 0.0, "15": people[0] / sum(people)}
    assert figures["mean_iou"] == pytest.approx((1 + people[0] / sum(people)) / 3)
    assert figures["mean_recall"] == pytest.approx((1 + people[0] / sum(people)) / 2)
    stated = sum(np.count_nonzero(labels != 255) for labels in truth)
    assert figures["accuracy"] == pytest.approx(1 - people[1] / stated)
    write_image(root / "SegmentationClass" / "0.png", np.full_like(truth[0], 30))
    result = evaluate_classes(Labels([wrong]), root, 21)
    assert result.images == 1 and "Give --classes" in result.problems[0].reason


def test_the_command_judges_a_segmenter(tmp_path, command):
    root = voc(tmp_path / "voc", 2)
    model = build("unet", (32, 32), classes=4)
    last = [layer for layer in model.layers if layer.weights][-1]
    last.bias.assign([0, 0, 0, 100])  # a model shows that it has a class where it predicts it
    save_model(model, tmp_path / "m.keras")
    words = ("evaluate", "--model", tmp_path / "m.keras", "--data", root)
    code, out, err = command(*words, "--classes", 4, "--json", tmp_path / "f.json")
    assert code == 0, err
    figures = json.loads((tmp_path / "f.json").read_text())
    assert f"mean_iou     {figures['mean_iou']:8.4f}" in out and "val.txt" in out
    code, _, err = command(*words, "--classes", 3)
    assert code == 2 and "3 classes" in err
    code, _, err = command(*words, "--classes", 2)
    assert code == 2 and "leave --classes out" in err
    code, _, err = command(*words, "--classes", 4, "--person", 2)
    assert code == 2 and "--person" in err
    code, _, err = command(*words[:3], "--classes", 4)
    assert code == 2 and "--data" in err
