"""Networks that see each picture and its mirror image."""

import numpy as np

import tfmatting
from tfmatting.inference.runtimes import MirroredRuntime

PHOTO = np.random.default_rng(0).integers(0, 256, (90, 130, 3)).astype(np.uint8)


class Lopsided:
    """A network that gives the red channel, and half of it in the picture's left half."""

    input_size = (32, 48)
    input_names = ("image", "prior_alpha")
    letterbox = True

    def run(self, inputs):
        alpha = inputs["image"][..., :1].astype(np.float32) / 255 + inputs["prior_alpha"]
        alpha[:, :, :24] /= 2
        return {"alpha": alpha, "classes": np.concatenate([1 - alpha, alpha], axis=-1)}


def test_outputs_are_the_mean_of_both_ways_round():
    image = np.random.default_rng(1).integers(0, 256, (1, 32, 48, 3)).astype(np.uint8)
    prior = np.random.default_rng(2).random((1, 32, 48, 1)).astype(np.float32)
    network = MirroredRuntime(Lopsided())
    outputs = network.run({"image": image, "prior_alpha": prior})
    expected = 0.75 * (image[..., :1] / 255 + prior)
    np.testing.assert_allclose(outputs["alpha"], expected, atol=1e-6)
    np.testing.assert_allclose(outputs["classes"].sum(axis=-1), 1, atol=1e-6)


def test_what_a_network_says_of_itself_is_kept():
    network = MirroredRuntime(Lopsided())
    assert (network.input_size, network.input_names) == ((32, 48), Lopsided.input_names)
    assert network.letterbox and network.resizing == "area"


def test_a_mirrored_photo_gets_the_mirrored_matte(tiny_tflite):
    """No network does that by itself."""
    plain = tfmatting.load(tiny_tflite)
    both = tfmatting.load(tiny_tflite, mirrored=True)
    photo = PHOTO[: plain.input_size[0], : plain.input_size[1]]  # nothing is resized
    mirror = np.ascontiguousarray(photo[:, ::-1])
    assert np.abs(plain.alpha(photo) - plain.alpha(mirror)[:, ::-1]).max() > 1e-3
    np.testing.assert_allclose(both.alpha(photo), both.alpha(mirror)[:, ::-1], atol=1e-6)
