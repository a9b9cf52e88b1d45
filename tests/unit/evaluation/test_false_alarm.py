import json

import numpy as np
import pytest

from tfmatting.evaluation.false_alarm import false_alarms
from tfmatting.imaging.io import write_image


class Reds:
    """A predictor that takes the red channel for alpha."""

    def alpha(self, image):
        return image[..., 0].astype(np.float32) / 255


@pytest.fixture
def pictures(tmp_path):
    """Black; a third red; one pixel in a hundred and ten red; and a file that is none."""
    paths = []
    for name, red in (("a", 0), ("b", 3), ("c", 1)):
        picture = np.zeros((11, 10, 3), np.uint8)
        picture.reshape(-1, 3)[: (110 // 3 if red == 3 else red), 0] = 255
        write_image(tmp_path / f"{name}.png", picture)
        paths.append(tmp_path / f"{name}.png")
    (tmp_path / "d.png").write_bytes(b"no picture")
    return [*paths, tmp_path / "d.png"]


def test_means_alarms_and_what_cannot_be_read(pictures):
    result = false_alarms(Reds(), pictures)
    assert result.images == 3 and len(result.problems) == 1
    assert result.mean_alpha == pytest.approx((0 + 36 / 110 + 1 / 110) / 3)
    assert result.alarms == pytest.approx(1 / 3)  # 1 of 110 pixels is below one in a hundred
    assert "3 pictures without people" in result.line()
    with pytest.raises(ValueError, match="No picture"):
        false_alarms(Reds(), pictures[3:])


def test_the_command_judges_every_third(tmp_path, command, tiny_tflite):
    for number in range(6):
        write_image(tmp_path / "bg" / f"{number}.png", np.full((30, 30, 3), 90, np.uint8))
    code, out, err = command(
        "evaluate", "--model", tiny_tflite, "--backgrounds", tmp_path / "bg",
        "--json", tmp_path / "f.json",
    )  # fmt: skip
    assert code == 0, err
    figures = json.loads((tmp_path / "f.json").read_text())
    assert list(figures) == ["false_alarms"] and figures["false_alarms"]["images"] == 2
    assert "IOU" not in out and "2 pictures without people" in out
