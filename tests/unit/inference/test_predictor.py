import cv2
import numpy as np
import pytest

import tfmatting
from tfmatting import load
from tfmatting.imaging.refine import PHOTO_FIT, PUBLISHED_FIT, guided_upsample, settle_ends
from tfmatting.imaging.resize import resize
from tfmatting.inference.predictor import Predictor
from tfmatting.inference.pretrained import shipped_models
from tfmatting.inference.runtimes import open_runtime
from tfmatting.inference.runtimes.tflite import dequantize, quantize

PHOTO = np.random.default_rng(0).integers(0, 256, (150, 130, 3)).astype(np.uint8)


class Recorder:
    """A network whose alpha is the image's red channel; it records the priors."""

    input_size = (32, 48)
    input_names = ("image", "prior_alpha")

    def __init__(self):
        self.priors = []

    def run(self, inputs):
        self.priors.append(inputs["prior_alpha"].copy())
        return {"alpha": inputs["image"][..., :1].astype(np.float32) / 255}


@pytest.mark.parametrize("size", [(1, 1), (12000, 50), (7, 333), (64, 96), (300, 200)])
@pytest.mark.parametrize("refine", [True, False])
def test_any_size_of_photo(tiny_tflite, size, refine):
    predictor = load(tiny_tflite, refine=refine)
    alpha = predictor.alpha(np.full((*size, 3), 90, np.uint8))
    assert alpha.shape == size and alpha.dtype == np.float32
    assert np.isfinite(alpha).all() and alpha.min() >= 0 and alpha.max() <= 1


def test_every_runtime_gives_the_same_alpha(tmp_path, tiny_tnet, tiny_checkpoint, tiny_tflite):
    from tfmatting.exporting.graph.saved_model import write_saved_model

    write_saved_model(tiny_tnet, tmp_path / "saved", "float32", [])
    alphas = [
        load(path).alpha(PHOTO) for path in (tiny_checkpoint, tiny_tflite, tmp_path / "saved")
    ]
    assert alphas[0].std() > 0
    for alpha in alphas[1:]:
        np.testing.assert_allclose(alpha, alphas[0], atol=1e-4)


def test_a_photos_edges_are_steeper_than_a_frames():
    """Contrast and wider windows are for photos alone."""
    predictor = Predictor(Recorder())
    small = predictor.small_alpha(PHOTO)
    photo, frame = predictor.alpha(PHOTO), predictor.stream().alpha(PHOTO)
    steep = guided_upsample(small, PHOTO, fit=PHOTO_FIT)
    assert np.array_equal(photo, steep)
    assert np.array_equal(frame, settle_ends(guided_upsample(small, PHOTO, fit=PUBLISHED_FIT)))
    assert PHOTO_FIT.contrast > PUBLISHED_FIT.contrast == 1


def test_a_stream_hands_each_frame_the_alpha_before():
    runtime = Recorder()
    stream = Predictor(runtime).stream()
    for level in (51, 102, 153):
        stream.alpha(np.full((32, 48, 3), level, np.uint8))
    seen = [float(prior.mean()) for prior in runtime.priors]
    np.testing.assert_allclose(seen, [0, 0.2, 0.4], atol=1e-6)


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (PHOTO.astype(np.float32), TypeError),
        ("photo.jpg", TypeError),
        (PHOTO[..., 0], ValueError),
        (PHOTO[:0], ValueError),
        (np.dstack([PHOTO, PHOTO[..., :1]]), ValueError),
    ],
)
def test_what_is_no_rgb_photo_is_refused(image, error):
    with pytest.raises(error, match="Received"):
        Predictor(Recorder()).alpha(image)


def test_files_that_are_no_model_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="No model"):
        load(tmp_path / "none.tflite")
    with pytest.raises(FileNotFoundError, match="model that ships"):
        load("nonsense")
    (tmp_path / "noise.tflite").write_bytes(b"TFL3 but not really" * 50)
    with pytest.raises(ValueError, match="noise.tflite"):
        load(tmp_path / "noise.tflite")
    (tmp_path / "a.bin").touch()
    with pytest.raises(ValueError, match="keras"):
        open_runtime(tmp_path / "a.bin")
    with pytest.raises(ValueError, match="saved_model.pb"):
        load(tmp_path)


def test_quantizing_follows_scale_and_zero_point():
    detail = {"dtype": np.int8, "quantization": (0.5, -10)}
    value = np.array([0.0, 1.0, -100.0, 1000.0], np.float32)
    levels = quantize(value, detail)
    assert levels.tolist() == [-10, -8, -128, 127]
    np.testing.assert_allclose(dequantize(levels[:2], detail), value[:2])
    pixels = np.array([0, 128, 255], np.uint8)
    assert quantize(pixels, {"dtype": np.uint8, "quantization": (1.0, 0)}) is pixels
    assert quantize(pixels, {"dtype": np.float32, "quantization": (0.0, 0)}).dtype == np.float32


class ClassNetwork:
    """A network of `count` classes: the class is the quarter that the red channel falls into."""

    input_size, input_names = (32, 48), ("image",)

    def __init__(self, count):
        self.count, self.runs = count, 0

    def run(self, inputs):
        self.runs += 1
        red = inputs["image"][..., :1]
        classes = (red // 64 % self.count == np.arange(self.count)).astype(np.float32)
        return {"alpha": red.astype(np.float32) / 255, "classes": classes}


def test_one_run_gives_alpha_and_labels():
    network = ClassNetwork(4)
    predictor = Predictor(network)
    prediction = predictor.predict(PHOTO)
    assert network.runs == 1
    assert np.array_equal(prediction.alpha, predictor.alpha(PHOTO))
    assert np.array_equal(prediction.labels, predictor.labels(PHOTO))
    assert prediction.labels.shape == PHOTO.shape[:2]
    small = resize(PHOTO, (32, 48))[..., 0] // 64
    assert set(np.unique(prediction.labels)) == set(np.unique(small))
    assert prediction.labels[0, 0] == small[0, 0]


def test_networks_of_two_classes_have_no_labels():
    prediction = Predictor(ClassNetwork(2)).predict(PHOTO)
    assert prediction.labels is None and prediction.alpha.shape == PHOTO.shape[:2]
    assert Predictor(Recorder()).predict(PHOTO).labels is None


@pytest.mark.parametrize("name", shipped_models())
def test_the_photo_is_shrunk_once_for_the_network_and_the_guide(name, monkeypatch):
    """The shared small photo gives the same bytes as a second one would."""
    data = pytest.importorskip("skimage.data", reason="the photo comes with scikit-image")
    photo = np.ascontiguousarray(data.astronaut()[:411, 5:400])
    predictor = load(name)
    small = predictor.small_alpha(photo)
    expected = guided_upsample(small, photo, fit=PHOTO_FIT)
    expected_frame = settle_ends(guided_upsample(small, photo))

    def refuse(*_):
        raise AssertionError("the photo is shrunk a second time")

    monkeypatch.setattr("tfmatting.imaging.refine.resize", refuse)
    assert predictor.alpha(photo).tobytes() == expected.tobytes()
    assert predictor.stream().alpha(photo).tobytes() == expected_frame.tobytes()


def test_a_network_whose_alpha_has_another_size_gets_a_guide_of_that_size():
    class Half(Recorder):
        def run(self, inputs):
            return {"alpha": super().run(inputs)["alpha"][:, ::2, ::2]}

    assert Predictor(Half()).alpha(PHOTO).shape == PHOTO.shape[:2]


def test_the_old_name_is_deprecated():
    with pytest.warns(DeprecationWarning, match=r"tfmatting\.Predictor"):
        assert tfmatting.Matter is tfmatting.Predictor


def test_networks_of_cubic_photos_see_them_so():
    class Seen:
        input_size, input_names, resizing = (32, 48), ("image",), "cubic"
        image: np.ndarray

        def run(self, inputs):
            Seen.image = inputs["image"][0]
            return {"alpha": np.zeros((1, 32, 48, 1), np.float32)}

    photo = np.random.default_rng(0).integers(0, 256, (100, 140, 3)).astype(np.uint8)
    Predictor(Seen(), refine=False).alpha(photo)
    assert np.array_equal(Seen.image, cv2.resize(photo, (48, 32), interpolation=cv2.INTER_CUBIC))


def test_networks_of_letterboxed_photos_see_them_so():
    class Echo:
        """Gives the red channel back, so that places can be compared; sees bars of grey."""

        input_size, input_names, letterbox = (32, 48), ("image", "prior_alpha"), True
        seen: dict

        def run(self, inputs):
            Echo.seen = inputs
            red = inputs["image"][..., :1].astype(np.float32) / 255
            return {"alpha": red, "semantic": red[:, ::16, ::16]}

    photo = np.zeros((60, 40, 3), np.uint8)
    photo[10:50, 5:20] = 255
    predictor = Predictor(Echo(), refine=False)
    alpha = predictor.alpha(photo)
    assert Echo.seen["image"].shape == (1, 32, 48, 3)
    assert (Echo.seen["image"][0, :, :13] == 128).all()
    assert (Echo.seen["image"][0, :, 35:] == 128).all()
    assert alpha.shape == (60, 40)
    assert np.abs(alpha - (photo[..., 0] > 0)).mean() < 0.06
    stream = predictor.stream()
    stream.alpha(photo)
    stream.alpha(photo)
    prior = Echo.seen["prior_alpha"]
    assert prior.shape == (1, 32, 48, 1) and not prior[0, :, :13].any() and prior.max() > 0.9
