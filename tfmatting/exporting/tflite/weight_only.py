"""Weights in 8 bits and arithmetic in float: about a quarter of the size at a float file's speed.

The weights have one scale for each output channel. They become float again once, when the file is
loaded, and XNNPACK then runs the same kernels as for a float32 file.
"""

from __future__ import annotations

from typing import Any

from tfmatting.console import quiet_native_output
from tfmatting.errors import MissingExtraError

SMALLEST = 10_000
"""The smallest array that is rounded, in values. The first layers and the depthwise ones are
small and lose the most. With them in float, the alpha of the shipped T-Net moves by a tenth as
much, and the file is an eighth larger."""


def weights_in_eight_bits(model: bytes) -> bytes:
    """Round the large weights of a float32 TFLite file.

    Raises:
        MissingExtraError: litert-quantizer is missing; the extra is named.
    """
    try:
        from litert_quantizer import Quantizer, recipe
    except ImportError as error:
        raise MissingExtraError(
            "Precision int8_weights needs `pip install 'tfmatting[mixed]'`."
        ) from error
    rules = recipe.weight_only_wi8_afp32()
    for rule in rules:
        rule["op_config"]["min_weight_elements"] = SMALLEST
    with quiet_native_output():
        quantizer: Any = Quantizer(bytearray(model), rules)
        result = quantizer.quantize(enable_progress_report=False)
    return bytes(result.quantized_model)
