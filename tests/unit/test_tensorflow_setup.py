"""TensorFlow's kernels: the fast ones on every processor, and the user's word counts."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
from tfmatting.tensorflow_setup import import_tensorflow
import_tensorflow()
from tensorflow.python.util import _pywrap_util_port
print(_pywrap_util_port.IsMklEnabled())
"""
VARIABLE = "TF_ENABLE_ONEDNN_OPTS"


@pytest.mark.parametrize(("setting", "expected"), [(None, "True"), ("0", "False")])
def test_onednn_runs_unless_the_environment_says_no(setting, expected):
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if setting is not None:
        environment[VARIABLE] = setting
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == expected
