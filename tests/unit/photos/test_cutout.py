from pathlib import Path

import numpy as np
import pytest

import tfmatting
from tfmatting.imaging.background import Blur, Colour
from tfmatting.imaging.io import write_image
from tfmatting.photos.cutout import cutout, replace_background


def test_a_cutout_has_the_predicted_alpha_and_the_photos_colours(photo, predictor):
    image = cutout(photo, model=predictor)
    assert image.shape == (64, 96, 4) and image.dtype == np.uint8
    expected = (predictor.alpha(photo) * 255 + 0.5).astype(np.uint8)
    assert np.array_equal(image[..., 3], expected)
    assert image[32, 90].tolist() == [255, 0, 0, 255] and image[32, 5, 3] == 0


def test_a_photo_is_a_path_or_an_array(tmp_path, photo, predictor):
    write_image(tmp_path / "photo.png", photo)
    from_array = cutout(photo, model=predictor)
    for path in (tmp_path / "photo.png", str(tmp_path / "photo.png")):
        assert np.array_equal(cutout(path, model=predictor), from_array)
    with pytest.raises(FileNotFoundError, match="none.png"):
        cutout(tmp_path / "none.png", model=predictor)
    with pytest.raises(TypeError, match="uint8"):
        cutout(photo.astype(np.float32), model=predictor)
    with pytest.raises(TypeError, match="uint8"):
        cutout(photo.tolist(), model=predictor)


def test_a_threshold_leaves_only_0_and_255(photo, predictor):
    photo[:, 40:56, 0] = np.linspace(0, 255, 16)  # an edge as soft as the network sees it
    assert len(np.unique(cutout(photo, model=predictor)[..., 3])) > 2
    mask = cutout(photo, model=predictor, threshold=0.5)[..., 3]
    assert set(np.unique(mask)) == {0, 255}
    for threshold in (0, 1, -0.5):
        with pytest.raises(ValueError, match="between 0 and 1"):
            cutout(photo, model=predictor, threshold=threshold)


@pytest.mark.parametrize("form", ["text", "array", "path", "object"])
def test_a_background_has_four_forms(tmp_path, photo, predictor, form):
    grey = np.full((10, 10, 3), 0x40, np.uint8)
    write_image(tmp_path / "grey.png", grey)
    forms = {
        "text": "#404040",
        "array": grey,
        "path": tmp_path / "grey.png",
        "object": Colour((0x40, 0x40, 0x40)),
    }
    image = replace_background(photo, forms[form], model=predictor)
    assert image.shape == photo.shape
    assert image[32, 5].tolist() == [0x40] * 3 and image[32, 90].tolist() == [255, 0, 0]


def test_the_blur_follows_its_strength(predictor):
    photo = np.random.default_rng(0).integers(0, 80, (64, 96, 3)).astype(np.uint8)
    weak, strong = (
        replace_background(photo, "blur", model=predictor, blur_strength=s) for s in (0.005, 0.2)
    )
    assert strong.std() < weak.std()
    same = replace_background(photo, Blur(0.2), model=predictor)
    assert np.array_equal(same, strong)


def test_backgrounds_that_do_not_fit_are_refused(photo, predictor):
    with pytest.raises(ValueError, match=r"Use tfmatting\.cutout"):
        replace_background(photo, "transparent", model=predictor)
    with pytest.raises(ValueError, match="#rrggbb"):
        replace_background(photo, "no-colour", model=predictor)
    with pytest.raises(TypeError, match="uint8"):
        replace_background(photo, np.zeros((4, 4, 3)), model=predictor)
    with pytest.raises(ValueError, match="strength"):
        replace_background(photo, "blur", model=predictor, blur_strength=2)


def test_refine_can_be_turned_off_for_a_loaded_predictor(photo, predictor, network):
    photo = np.random.default_rng(1).integers(0, 255, photo.shape).astype(np.uint8)
    refined = cutout(photo, model=predictor)
    plain = cutout(photo, model=predictor, refine=False)
    assert not np.array_equal(refined, plain) and predictor.refine
    loaded_plain = tfmatting.Predictor(network, refine=False)
    assert np.array_equal(cutout(photo, model=loaded_plain), plain)
    with pytest.raises(ValueError, match="threads"):
        cutout(photo, model=predictor, threads=2)


def test_a_model_is_a_name_a_file_or_a_predictor(photo, tiny_tflite):
    loaded = tfmatting.load(tiny_tflite)
    images = [cutout(photo, model=model) for model in (tiny_tflite, str(tiny_tflite), loaded)]
    assert all(np.array_equal(image, images[0]) for image in images)
    with pytest.raises(FileNotFoundError, match="unknown"):
        cutout(photo, model="unknown")
    assert isinstance(tiny_tflite, Path)
