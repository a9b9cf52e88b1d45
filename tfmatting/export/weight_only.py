"""Weights in eight bits, arithmetic in float: a quarter of the size at a float file's speed.

The weights, one scale for each output channel, are turned back into float once, when the file is
loaded; XNNPACK then runs the same kernels as of a float32 file.
"""

from __future__ import annotations

from typing import Any

from tfmatting.console import quiet_native_output


def weights_in_eight_bits(model: bytes) -> bytes:
    """Round the weights of a float32 TFLite file.

    Raises:
        ImportError: litert-quantizer is missing; the extra is named.
    """
    try:
        from litert_quantizer import Quantizer, recipe
    except ImportError as error:
        raise ImportError("Precision int8_weights needs `pip install tfmatting[mixed]`.") from error
    with quiet_native_output():
        quantizer: Any = Quantizer(bytearray(model), recipe.weight_only_wi8_afp32())
        result = quantizer.quantize(enable_progress_report=False)
    return bytes(result.quantized_model)
