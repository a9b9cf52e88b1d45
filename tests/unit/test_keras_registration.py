"""`import tfmatting` registers our classes as soon as Keras is imported, and imports nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST = """
import sys, tfmatting
assert not {"keras", "tensorflow", "numpy"} & set(sys.modules), "import tfmatting must be light"
import importlib.util
assert importlib.util.find_spec("keras")  # somebody looks, and does not import
import keras
"""
SECOND = """
import sys, keras, tfmatting
"""
BEHIND = """
ours = [name for name in sys.modules if name.startswith("tfmatting.")]
assert not [name for name in ours if "models" in name or "layers" in name], ours
assert not [f for f in sys.meta_path if "tfmatting" in type(f).__module__]
model = keras.models.load_model(sys.argv[1])
print(type(model).__name__, model.matting_config.width)
"""


@pytest.mark.parametrize("beginning", [FIRST, SECOND], ids=["before Keras", "after Keras"])
def test_keras_opens_our_files_after_importing_tfmatting_alone(beginning, tiny_checkpoint):
    done = subprocess.run(
        [sys.executable, "-c", beginning + BEHIND, str(tiny_checkpoint)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "MattingModel 0.25", done.stderr


def test_without_keras_nothing_happens():
    code = "import sys; sys.modules['keras'] = None; import tfmatting; print(tfmatting.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
