"""Fine-tuning for small files: quantization-aware training and pruning."""

from __future__ import annotations

from tfmatting.errors import MissingExtraError
from tfmatting.tensorflow_setup import import_tensorflow


def import_compression():
    """Import what compresses a model; it works on a copy in tf_keras, an extra of its own.

    Raises:
        MissingExtraError: tensorflow-model-optimization or tf_keras is not installed.
    """
    import_tensorflow()
    try:
        import tensorflow_model_optimization  # noqa: F401
        import tf_keras  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "--quantize-aware and --prune need tensorflow-model-optimization and tf_keras. Run "
            "`pip install 'tfmatting[train,compress]'`."
        ) from error
    from tfmatting.training.compression import compress

    return compress
