import numpy as np
from ai_edge_litert.interpreter import Interpreter

from tfmatting.exporting.tflite.weight_only import SMALLEST, weights_in_eight_bits
from tfmatting.exporting.tflite.writer import float_tflite


def test_large_weights_are_rounded_and_small_ones_are_not(tiny_tnet):
    plain = float_tflite(tiny_tnet)
    rounded = weights_in_eight_bits(plain)
    tensors = Interpreter(model_content=rounded).get_tensor_details()
    sizes = [int(np.prod(t["shape"])) for t in tensors if t["dtype"] == np.int8]
    assert sizes and min(sizes) >= SMALLEST
    assert len(plain) - len(rounded) > 2.9 * sum(sizes)  # a byte each instead of four
