import numpy as np
import pytest

from tfmatting.imaging.background import (
    Blur,
    Colour,
    OpaqueBackground,
    Picture,
    Transparent,
    as_background,
    parse_background,
)
from tfmatting.imaging.compositing import blend, blur, blur_background
from tfmatting.imaging.foreground import estimate_foreground
from tfmatting.imaging.io import write_image


@pytest.fixture
def scene():
    """A red disc with a soft edge before blue; returns image and alpha."""
    y, x = np.mgrid[:120, :120]
    distance = np.hypot(y - 60, x - 60)
    alpha = np.clip((40 - distance) / 12 + 0.5, 0, 1).astype(np.float32)
    red = np.full((120, 120, 3), (230, 20, 20), np.uint8)
    blue = np.full((120, 120, 3), (20, 20, 230), np.uint8)
    return blend(red, blue, alpha), alpha


def test_blend_by_hand():
    red, blue = np.full((1, 1, 3), (200, 0, 0), np.uint8), np.full((1, 1, 3), (0, 0, 100), np.uint8)
    mixed = blend(red, blue, np.array([[0.25]], np.float32))
    assert mixed[0, 0].tolist() == [50, 0, 75]


def test_the_blur_keeps_the_subjects_colour_out_of_the_background(scene):
    image, alpha = scene
    outside = alpha == 0
    plain = blur(image, 0.06)
    clean = blur_background(image, alpha, 0.06)
    assert plain[outside][:, 0].max() > 45  # the halo
    assert clean[outside][:, 0].max() <= 24
    assert clean[60, 60, 0] <= 24  # filled from around, not black


def test_a_background_all_covered_is_filled_with_something_finite():
    image = np.full((30, 30, 3), 77, np.uint8)
    assert blur_background(image, np.ones((30, 30), np.float32)).dtype == np.uint8


@pytest.mark.parametrize("method", ["blur-fusion", "multilevel"])
def test_estimated_foreground_has_no_fringe_of_the_old_background(scene, method):
    if method == "multilevel":
        pytest.importorskip("pymatting")
    image, alpha = scene
    edge = (alpha > 0.3) & (alpha < 0.9)
    truth = np.array((230, 20, 20))
    before = np.abs(image[edge] - truth.astype(int)).mean()
    after = np.abs(estimate_foreground(image, alpha, method)[edge] - truth.astype(int)).mean()
    assert before > 40 and after < 0.35 * before


def test_foreground_estimation_can_be_turned_off_and_is_named(scene):
    image, alpha = scene
    assert estimate_foreground(image, alpha, "off") is image
    with pytest.raises(ValueError, match="blur-fusion"):
        estimate_foreground(image, alpha, "magic")


def test_backgrounds_of_every_kind(tmp_path, scene):
    image, alpha = scene
    cutout = parse_background("transparent").compose(image, alpha)
    assert cutout.shape == (120, 120, 4) and cutout[60, 60, 3] == 255 and cutout[0, 0, 3] == 0
    green = parse_background("#00ff00").compose(image, alpha)
    assert green[0, 0].tolist() == [0, 255, 0]
    write_image(tmp_path / "b.png", np.full((10, 300, 3), 99, np.uint8))
    pictured = parse_background(str(tmp_path / "b.png")).compose(image, alpha)
    assert pictured[0, 0].tolist() == [99, 99, 99]
    with pytest.raises(ValueError, match="#rrggbb"):
        parse_background("#12345")
    with pytest.raises(ValueError, match="strength"):
        parse_background("blur", blur_strength=0)


def test_a_text_names_its_kind(tmp_path):
    write_image(tmp_path / "b.png", np.full((10, 30, 3), 99, np.uint8))
    assert parse_background("transparent") == Transparent()
    assert parse_background("blur", 0.1, halo_free=False) == Blur(0.1, halo_free=False)
    assert parse_background("#0A14ff") == Colour((10, 20, 255))
    assert isinstance(parse_background(str(tmp_path / "b.png")), Picture)
    assert not Transparent().opaque
    assert all(kind.opaque for kind in (Blur(), Colour((0, 0, 0))))


def test_other_forms_become_backgrounds(tmp_path):
    pixels = np.full((10, 30, 3), 99, np.uint8)
    write_image(tmp_path / "b.png", pixels)
    for value in (tmp_path / "b.png", pixels):
        background = as_background(value)
        assert isinstance(background, Picture) and np.array_equal(background.pixels, pixels)
    blur = Blur()
    assert as_background(blur) is blur
    for value in (pixels / 255, 7, None):
        with pytest.raises(TypeError, match="uint8"):
            as_background(value)


def test_a_new_kind_needs_only_what_is_behind(scene):
    class Stripes(OpaqueBackground):
        def behind(self, image, alpha):
            return np.full_like(image, (1, 2, 3))

    image, alpha = scene
    stripes = Stripes()
    assert stripes.opaque and as_background(stripes) is stripes
    assert stripes.compose(image, alpha)[0, 0].tolist() == [1, 2, 3]


def test_only_callers_that_open_videos_offer_them(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"video")
    with pytest.raises(ValueError, match="clip.mp4"):
        parse_background(str(tmp_path / "clip.mp4"))
    with pytest.raises(ValueError, match="white\\) or a picture"):
        parse_background("no-colour")
    with pytest.raises(ValueError, match="a video or a picture"):
        parse_background("no-colour", moving=True)
