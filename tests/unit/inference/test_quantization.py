"""Properties of quantization and dequantization of TFLite tensors."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tfmatting.inference.runtimes.tflite import dequantize, quantize

QUICK = settings(max_examples=60, deadline=None, database=None)
SCALES = st.floats(2.0**-12, 8.0, width=32)


@st.composite
def tensors(draw):
    """A detail of an integer tensor, with a zero point that its type can hold."""
    dtype = np.dtype(draw(st.sampled_from(["int8", "uint8", "int16"])))
    limits = np.iinfo(dtype)
    zero_point = 0 if dtype == np.int16 else draw(st.integers(limits.min, limits.max))
    return {"dtype": dtype.type, "quantization": (draw(SCALES), zero_point)}


def value_range(detail):
    limits = np.iinfo(detail["dtype"])
    levels = np.array([limits.min, limits.max], detail["dtype"])
    return dequantize(levels, detail)


@QUICK
@given(detail=tensors(), seed=st.integers(0, 2**32 - 1))
def test_a_value_comes_back_within_half_a_step(detail, seed):
    low, high = (float(value) for value in value_range(detail))
    values = np.random.default_rng(seed).uniform(low, high, 200).astype(np.float32)
    returned = dequantize(quantize(values, detail), detail)
    scale = detail["quantization"][0]
    rounding = np.float32(4e-7) * (abs(low) + abs(high) + scale)  # of float32
    assert np.abs(returned - values).max() <= scale / 2 + rounding


@QUICK
@given(detail=tensors())
def test_every_level_survives_the_round_trip(detail):
    limits = np.iinfo(detail["dtype"])
    levels = np.arange(limits.min, limits.max + 1).astype(detail["dtype"])
    again = quantize(dequantize(levels, detail), detail)
    assert again.dtype == levels.dtype and np.array_equal(again, levels)


@QUICK
@given(detail=tensors(), beyond=st.floats(1, 1e6))
def test_values_out_of_range_saturate(detail, beyond):
    limits = np.iinfo(detail["dtype"])
    low, high = (float(value) for value in value_range(detail))
    values = np.array([low - beyond, high + beyond], np.float32)
    assert quantize(values, detail).tolist() == [limits.min, limits.max]


@QUICK
@given(detail=tensors(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_values_is_kept(detail, seed):
    values = np.sort(np.random.default_rng(seed).normal(0, 100, 200).astype(np.float32))
    assert (np.diff(quantize(values, detail).astype(np.int32)) >= 0).all()
