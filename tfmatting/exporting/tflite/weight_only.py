"""Weights in eight bits, arithmetic in float: near a quarter of the size at a float file's speed.

The weights, one scale for each output channel, are turned back into float once, when the file is
loaded; XNNPACK then runs the same kernels as of a float32 file.
"""

from __future__ import annotations

from typing import Any

from tfmatting.console import quiet_native_output
from tfmatting.errors import MissingExtraError

SMALLEST = 10_000
"""Numbers in an array that is worth rounding. The first layers and the depthwise ones are small and
hurt most: without them the shipped T-Net's alpha moves by a tenth as much, for an eighth more
megabytes."""


def weights_in_eight_bits(model: bytes) -> bytes:
    """Round the large weights of a float32 TFLite file.

    Raises:
        ImportError: litert-quantizer is missing; the extra is named.
    """
    try:
        from litert_quantizer import Quantizer, recipe
    except ImportError as error:
        raise MissingExtraError(
            "Precision int8_weights needs `pip install tfmatting[mixed]`."
        ) from error
    rules = recipe.weight_only_wi8_afp32()
    for rule in rules:
        rule["op_config"]["min_weight_elements"] = SMALLEST
    with quiet_native_output():
        quantizer: Any = Quantizer(bytearray(model), rules)
        result = quantizer.quantize(enable_progress_report=False)
    return bytes(result.quantized_model)
