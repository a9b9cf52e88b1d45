import csv

import numpy as np
import pytest

import tfmatting
from tfmatting import metrics
from tfmatting.datasets.readers import LAYOUTS
from tfmatting.datasets.sample import Listing, Problem
from tfmatting.evaluation.evaluate import evaluate
from tfmatting.evaluation.report import table
from tfmatting.evaluation.scores import METRICS, by_prefix, means, score
from tfmatting.imaging.io import read_image, write_image


class Threshold:
    """A predictor that takes bright pixels for people."""

    def alpha(self, image):
        return (image[..., 0] > 128).astype(np.float32)


class Broken:
    identifier = "broken"

    def load(self):
        raise ValueError("cannot be read")


@pytest.fixture
def listing(pairs):
    return LAYOUTS["pairs"].read(pairs)


def test_means_rows_and_the_worst(tmp_path, listing):
    result = evaluate(Threshold(), listing, output=tmp_path)
    assert result.images == 6 and set(result.as_json()) == {"images", *METRICS}
    with (tmp_path / "images.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == [s.identifier for s in listing.sources]
    for name in METRICS:
        mean = np.mean([float(row[name]) for row in rows])
        assert result.means[name] == pytest.approx(mean)
    sample = listing.sources[0].load()
    truth = sample.alpha / np.float32(255)
    expected = metrics.mad(Threshold().alpha(sample.image), truth)
    assert float(rows[0]["mad"]) == pytest.approx(expected)
    assert read_image(tmp_path / "worst.png").shape[1] == 4 * 240
    assert "MAD" in table(result.means, 6, "all")


def test_the_unknown_region_is_the_band_only(listing):
    sample = listing.sources[0].load()
    alpha = sample.alpha.astype(np.float32) / 255
    alpha[0, 0] = 1 - alpha[0, 0]  # a corner far from the edge
    assert score(alpha, sample)["mad"] > 0
    assert score(alpha, sample, "unknown", 5)["mad"] == 0
    with pytest.raises(ValueError, match="unknown"):
        evaluate(Threshold(), listing, region="edge")


def test_broken_samples_are_counted_and_the_others_judged(tmp_path, listing):
    mixed = Listing([Broken(), *listing.sources], [Problem("x", "no alpha")])
    result = evaluate(Threshold(), mixed)
    assert result.images == 6
    assert [problem.path for problem in result.problems] == ["x", "broken"]


def test_nothing_to_judge_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="cannot be read"):
        evaluate(Threshold(), Listing([Broken()]), output=tmp_path / "figures")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="Nothing to judge"):
        evaluate(Threshold(), None, output=tmp_path / "figures")
    assert not list(tmp_path.iterdir())


def test_an_output_that_is_a_file_is_refused_before_the_work(tmp_path, listing):
    (tmp_path / "figures").write_text("in the way")
    with pytest.raises(ValueError, match="is a folder"):
        evaluate(Threshold(), listing, output=tmp_path / "figures", progress=pytest.fail)


def test_a_model_file_and_a_folder_are_found(pairs, tiny_tflite):
    result = evaluate(tiny_tflite, pairs, refine=False, threads=1)
    loaded = evaluate(tfmatting.load(tiny_tflite, refine=False), str(pairs))
    assert result.images == 6 and result.means == loaded.means
    with pytest.raises(FileNotFoundError, match="No model at nothing"):
        evaluate("nothing", pairs)


def test_false_alarms_come_along_or_alone(tmp_path, listing):
    for number in range(6):
        write_image(tmp_path / f"{number}.png", np.full((30, 30, 3), 90, np.uint8))
    both = evaluate(Threshold(), listing, backgrounds=tmp_path)
    assert both.false_alarms and both.false_alarms.images == 2
    assert list(both.as_json()) == ["images", *METRICS, "false_alarms"]
    alone = evaluate(Threshold(), None, backgrounds=tmp_path)
    assert alone.images == 0 and list(alone.as_json()) == ["false_alarms"]


def test_metrics_may_be_chosen_and_rows_grouped(tmp_path, listing):
    result = evaluate(Threshold(), listing, metrics={"iou": metrics.iou}, output=tmp_path)
    assert set(result.means) == {"iou"} and not (tmp_path / "worst.png").exists()
    (group,) = by_prefix(result.rows)
    assert group == "sample"
    assert means(result.rows[:1]) == result.rows[0].figures
    assert means([]) == {}


def test_processes_give_the_same_figures(listing):
    mixed = Listing([*listing.sources[:4], Broken()])
    one, two = (evaluate("portrait_lite", mixed, workers=workers) for workers in (1, 2))
    assert one.rows == two.rows and one.means == two.means
    assert [problem.path for problem in two.problems] == ["broken"]
    with pytest.raises(ValueError, match="workers=2 with a loaded model"):
        evaluate(Threshold(), listing, workers=2)
