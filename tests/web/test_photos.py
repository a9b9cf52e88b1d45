"""The photos' tab."""

from __future__ import annotations

import base64
import io

import cv2
import numpy as np
import pytest

from tfmatting.imaging.foreground import estimate_foreground
from tfmatting.imaging.io import alpha_to_uint8, read_image
from tfmatting.inference import load

SHOWN = "#viewer[data-shown]"
SEND = """([kind, text, name, type]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


def encoded(image: np.ndarray, suffix: str = ".png") -> bytes:
    return cv2.imencode(suffix, image[..., ::-1])[1].tobytes()


def choose(page, *files: tuple[str, bytes]) -> None:
    page.set_input_files(
        "#files",
        [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in files],
    )
    page.wait_for_selector(SHOWN, timeout=60_000)
    page.wait_for_selector('#viewer[aria-busy="false"]', timeout=60_000)


def saved(page, button: str = "#save") -> tuple[str, np.ndarray]:
    """Name and pixels of the file that a click saves."""
    with page.expect_download(timeout=60_000) as download:
        page.click(button)
    data = np.frombuffer(download.value.path().read_bytes(), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    page.wait_for_selector('#viewer[aria-busy="false"]')
    return download.value.suggested_filename, picture


@pytest.fixture
def photo(astronaut) -> np.ndarray:
    """A photo larger than the network, uint8 [600, 480, 3]."""
    return cv2.resize(astronaut[:, :410], (480, 600), interpolation=cv2.INTER_CUBIC)


def test_a_cut_out_has_alpha_and_is_pythons(opened, photo, console_errors):
    choose(opened, ("me.png", encoded(photo)))
    name, picture = saved(opened)
    assert name == "me-cutout.png"
    predictor = load("portrait_lite")
    alpha = predictor.alpha(photo)
    assert np.abs(picture[..., 3].astype(int) - alpha_to_uint8(alpha)).max() <= 1
    seen = picture[..., 3] > 0
    foreground = estimate_foreground(photo, alpha)[..., ::-1]
    assert np.abs(picture[..., :3].astype(int) - foreground)[seen].max() <= 1
    assert not console_errors


def test_matte_colour_and_blur(opened, photo):
    choose(opened, ("me.png", encoded(photo)))
    names = {}
    for kind in ("matte", "colour", "blur"):
        opened.check(f'input[name="photo-background"][value="{kind}"]', force=True)
        opened.wait_for_selector(f'#viewer[data-background="{kind}"]')
        name, names[kind] = saved(opened)
        assert name == ("me-matte.png" if kind == "matte" else "me-new.jpg")
    assert names["matte"].ndim == 2
    colour = names["colour"][:60, -60:].reshape(-1, 3).mean(axis=0)[::-1]
    np.testing.assert_allclose(colour, (0x2F, 0x6F, 0x62), atol=3)
    blurred, original = names["blur"][:200, 380:].astype(float), photo[:200, 380:].astype(float)
    assert np.abs(np.diff(blurred, axis=0)).mean() < 0.5 * np.abs(np.diff(original, axis=0)).mean()


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_drop_and_paste(opened, photo, kind):
    text = base64.b64encode(encoded(photo)).decode()
    opened.evaluate(SEND, [kind, text, "dropped.png", "image/png"])
    opened.wait_for_selector(SHOWN, timeout=60_000)
    assert opened.inner_text("#photo-facts").startswith("480 \u00d7 600")


def test_a_photo_on_its_side_is_turned_upright(opened, astronaut, tmp_path):
    image = pytest.importorskip("PIL.Image")
    upright = astronaut[:, :400]
    buffer = io.BytesIO()
    exif = image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn it by 90 degrees clockwise
    image.fromarray(np.rot90(upright)).save(buffer, "JPEG", exif=exif, quality=95)
    path = tmp_path / "side.jpg"
    path.write_bytes(buffer.getvalue())
    choose(opened, ("side.jpg", path.read_bytes()))
    _, picture = saved(opened)
    assert picture.shape[:2] == (512, 400)
    # decoders of JPEG differ by a level, which moves alpha at edges a little
    expected = load("portrait_lite").alpha(read_image(path)) * 255
    assert np.abs(picture[..., 3] - expected).mean() < 1.5


def test_several_photos_one_of_them_broken(opened, photo):
    choose(
        opened, ("one.png", encoded(photo)), ("no.png", b"no picture"), ("two.png", encoded(photo))
    )
    opened.wait_for_selector("#strip li:nth-child(2)")
    assert opened.locator("#strip li").count() == 2
    opened.wait_for_selector('#viewer[aria-busy="false"]')
    assert "no.png: not a picture" in opened.inner_text("#status")
    opened.click("#strip li:first-child button")
    assert opened.get_attribute("#strip li:first-child button", "aria-current") == "true"


def test_by_keyboard_alone(opened, photo):
    choose(opened, ("me.png", encoded(photo)))
    opened.focus("#split")
    before = opened.eval_on_selector("#original", "(item) => getComputedStyle(item).clipPath")
    for _ in range(10):
        opened.keyboard.press("ArrowRight")
    after = opened.eval_on_selector("#original", "(item) => getComputedStyle(item).clipPath")
    assert before != after
    opened.focus('input[name="photo-background"]:checked')
    opened.keyboard.press("ArrowRight")
    opened.wait_for_selector('#viewer[data-background="colour"]')
    opened.focus("#tab-photos")
    opened.keyboard.press("ArrowRight")
    assert opened.is_visible("#camera")
    assert opened.evaluate("document.activeElement.id") == "tab-camera"


@pytest.mark.slow
def test_24_megapixels(opened, astronaut):
    large = cv2.resize(astronaut, (6000, 4000), interpolation=cv2.INTER_LINEAR)
    choose(opened, ("large.jpg", encoded(large, ".jpg")))
    with opened.expect_download(timeout=240_000) as download:
        opened.click("#save")
    picture = cv2.imread(str(download.value.path()), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (4000, 6000, 4)
