"""`matte --outputs`: what a network says beside its matte, a PNG each."""

import numpy as np
import pytest

from tfmatting.errors import InputError
from tfmatting.imaging.io import read_alpha, read_image, write_image
from tfmatting.inference.further_outputs import NoFurtherOutputsError, further_pictures, heat_of
from tfmatting.photos.folder import matte_folder

SIZE = (20, 30)


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for number in range(2):
        picture = np.random.default_rng(number).integers(0, 256, (60, 50, 3), np.uint8)
        write_image(folder / f"{number}.png", picture)
    return folder


def late_fusion(foreground=0.75, background=0.5):
    shape = (1, 5, 6, 1)
    values = {"foreground": foreground, "background": background, "fusion_weight": 0.25}
    return {
        "alpha": np.ones(shape, np.float32),
        **{name: np.full(shape, value, np.float32) for name, value in values.items()},
    }


def test_late_fusion_gives_both_classifiers_their_heat_and_a_trimap():
    outputs = late_fusion()
    outputs["background"][0, :, :3] = 0.0
    pictures = further_pictures(outputs, SIZE)
    assert set(pictures) == {"foreground", "background", "fusion_weight", "heat", "trimap"}
    assert all(picture.shape == SIZE for picture in pictures.values())
    assert (pictures["foreground"] == 191).all() and (pictures["fusion_weight"] == 64).all()


def test_heat_is_where_the_classifiers_contradict_each_other():
    foreground = np.float32([[1, 1, 0.5]])
    background = np.float32([[0, 1, 0]])
    assert heat_of(foreground, background).tolist() == [[0, 1, 0.5]]
    assert not heat_of(foreground, 1 - foreground).any()


def test_a_checkpoint_writes_its_trimap_beside_each_matte(tmp_path, photos, tiny_checkpoint):
    report = matte_folder(photos, tmp_path / "out", model=tiny_checkpoint, outputs=True)
    assert not report.failures
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["0.png", "0_trimap.png", "1.png", "1_trimap.png"]
    assert set(np.unique(read_alpha(tmp_path / "out/0_trimap.png"))) <= {0, 128, 255}
    assert read_image(tmp_path / "out/0.png").shape[:2] == (60, 50)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_gives_alpha_alone_is_refused_once(tmp_path, photos, tiny_tflite, workers):
    with pytest.raises(NoFurtherOutputsError, match=r"Give a .keras checkpoint"):
        matte_folder(photos, tmp_path / "out", model=tiny_tflite, outputs=True, workers=workers)
    assert not list(tmp_path.glob("out/*"))


def test_standard_output_and_the_trimap_alone_hold_no_further_outputs(photos, tiny_checkpoint):
    with pytest.raises(InputError, match="files beside the output"):
        matte_folder(photos / "0.png", "-", model=tiny_checkpoint, outputs=True)
    with pytest.raises(InputError, match="hold the trimap already"):
        matte_folder(photos, "out", model=tiny_checkpoint, outputs=True, show="trimap")
