"""TensorFlow imported late, quietly, and with an error that names the extra."""

from __future__ import annotations

import os
import sys

from tfmatting.console import quiet_native_output
from tfmatting.errors import InputError, MissingExtraError


def import_tensorflow():
    """Import TensorFlow without its page of start-up notices, with oneDNN's kernels.

    TensorFlow leaves oneDNN off on processors without AVX-512, where a training step takes
    six tenths of the time with it. TF_ENABLE_ONEDNN_OPTS=0 in the environment turns it off.
    Where TensorFlow has been imported already, nothing is changed.

    Raises:
        MissingExtraError: it is not installed; the extra is named.
    """
    if sys.modules.get("tensorflow"):
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with quiet_native_output():
        try:
            import tensorflow
        except ImportError as error:
            raise MissingExtraError(
                "Checkpoints, SavedModels, training and export need TensorFlow. Run "
                "`pip install 'tfmatting[train]'`, or use a .tflite file."
            ) from error
        tensorflow.config.list_physical_devices()  # looks for drivers, and says so
    return tensorflow


def set_threads(threads: int) -> None:
    """Limit TensorFlow's threads.

    Raises:
        InputError: TensorFlow has run already and can no longer be limited.
    """
    tensorflow = import_tensorflow()
    try:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError as error:
        raise InputError(
            "TensorFlow's threads can be set only before it runs. Load this model first."
        ) from error
