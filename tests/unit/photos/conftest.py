import numpy as np
import pytest

from tfmatting.inference.predictor import Predictor


class BrightnessNetwork:
    """A network whose alpha is the red channel, with an optional output for classes."""

    input_size = (32, 48)
    input_names = ("image",)

    def __init__(self, classes: int = 0):
        self.classes = classes
        self.runs = 0

    def run(self, inputs):
        self.runs += 1
        red = inputs["image"][..., :1].astype(np.float32) / 255
        outputs = {"alpha": red}
        if self.classes:
            numbers = (red * (self.classes - 1) + 0.5).astype(int)
            outputs["classes"] = (numbers == np.arange(self.classes)).astype(np.float32)
        return outputs


@pytest.fixture
def network():
    return BrightnessNetwork()


@pytest.fixture
def predictor(network):
    return Predictor(network)


@pytest.fixture
def class_network():
    return BrightnessNetwork(classes=4)


@pytest.fixture
def photo():
    """Red on the right half, black on the left."""
    image = np.zeros((64, 96, 3), np.uint8)
    image[:, 48:, 0] = 255
    return image
