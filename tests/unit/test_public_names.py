import subprocess
import sys

import tfmatting


def test_the_public_names_are_these():
    assert tfmatting.__all__ == [
        "MattingModel", "Predictor", "TfmattingError", "__version__", "build", "convert", "cutout",
        "evaluate", "export", "load", "load_model", "matte_folder", "matte_video",
        "replace_background", "save_model", "train",
    ]  # fmt: skip
    for name in tfmatting.__all__:
        assert getattr(tfmatting, name)


def test_photos_need_neither_tensorflow_nor_keras():
    """In a fresh process where both are unimportable, a model still loads and runs."""
    code = """
import sys
for name in ("tensorflow", "keras", "skimage", "imgaug", "pymatting"):
    sys.modules[name] = None
import numpy as np, tfmatting
alpha = tfmatting.load().alpha(np.zeros((40, 30, 3), np.uint8))
print(alpha.shape, float(alpha.max()) <= 1)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == "(40, 30) True", result.stderr


def test_a_missing_extra_is_named():
    code = """
import sys
sys.modules["tensorflow"] = None
from tfmatting.cli import main
sys.exit(main(["train"]))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2 and "tfmatting[train]" in result.stderr
    assert result.stderr.count("\n") == 1


def test_compression_is_an_extra_of_its_own():
    """TensorFlow and Keras are there, tensorflow-model-optimization is not."""
    code = """
import sys
sys.modules["tensorflow_model_optimization"] = None
from tfmatting.cli import main
sys.exit(main(["train", "--quantize-aware"]))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2 and "tfmatting[train,compress]" in result.stderr
    assert result.stderr.count("\n") == 1
