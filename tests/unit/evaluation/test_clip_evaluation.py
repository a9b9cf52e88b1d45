import numpy as np
import pytest

from tfmatting import metrics
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.evaluation.evaluate import evaluate
from tfmatting.evaluation.report import table
from tfmatting.imaging.io import write_image
from tfmatting.imaging.refine import settle_ends
from tfmatting.inference.predictor import Predictor


class Follower:
    """A runtime that gives half of what it sees and half of its prior."""

    input_size, input_names = (40, 60), ("image", "prior_alpha")

    def run(self, inputs):
        seen = inputs["image"][..., :1].astype(np.float32) / 255
        return {"alpha": (seen + inputs["prior_alpha"]) / 2}


@pytest.fixture
def clips(tmp_path):
    """Two clips of a white square that moves; truths are the squares."""
    truths = {}
    for clip, speed in (("slow", 1), ("swift", 5)):
        for number in range(4):
            alpha = np.zeros((40, 60), np.uint8)
            alpha[10:30, 5 + speed * number : 25 + speed * number] = 255
            image = np.repeat(alpha[..., None], 3, axis=2)
            write_image(tmp_path / "frames" / clip / f"{number}.png", image)
            write_image(tmp_path / "alpha" / clip / f"{number}.png", alpha)
            truths.setdefault(clip, []).append(alpha / 255)
    return tmp_path, truths


def test_clips_are_seen_in_order_each_from_an_empty_prior(clips):
    root, truths = clips
    result = evaluate(Predictor(Follower()), LAYOUTS["frames"].read(root))
    assert result.images == 8
    mads, flickers = [], []
    for alphas in truths.values():
        prior, predicted = np.zeros((40, 60)), []
        for alpha in alphas:
            prior = (alpha + prior) / 2
            predicted.append(settle_ends(prior))
        mads += [metrics.mad(p, t) for p, t in zip(predicted, alphas, strict=True)]
        flickers.append(metrics.dtssd(predicted, alphas))
    assert result.means["mad"] == pytest.approx(np.mean(mads), abs=1e-4)
    assert result.means["dtssd"] == pytest.approx(np.mean(flickers), abs=1e-4)
    assert result.means["messddt"] > 0
    text = table(result.means, result.images, "all")
    assert "DTSSD" in text and "MESSDDT" in text


def test_photos_do_not_flicker(pairs):
    result = evaluate(Predictor(Follower()), LAYOUTS["pairs"].read(pairs))
    assert "dtssd" not in result.as_json()
    assert "DTSSD" not in table(result.means, 6, "all")
