"""Mixed precision: integers everywhere but in the few layers that lose the most with 8 bits.

litert-quantizer quantizes a float TFLite file operator by operator and can leave some of them in
float. A search chooses them: the operators that add the most noise are left in float one at a
time, and those that bring alpha closest to the float file's stay in float.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfmatting.console import quiet_native_output
from tfmatting.errors import InputError, MissingExtraError
from tfmatting.exporting.tflite.flatbuffer import operator_kind, read_tree
from tfmatting.inference.runtimes import Tensors

SIGNATURE = "serving_default"
CHECKS = 8
CANDIDATES = 16
KEPT_PART = 0.1
"""The largest share of the operators that stay in float."""


@dataclass(frozen=True)
class OperatorError:
    """The error that 8 bits make at one operator.

    Attributes:
        name: the operator's output tensor.
        kind: its type, such as "CONV_2D".
        noise: the mean squared error of its output against the float file's, divided by the
            mean square.
        added: the noise minus the largest noise among its inputs.
        saved: how much closer alpha is to the float file's (mean absolute difference) when this
            operator alone stays in float; None where that was not tried.
    """

    name: str
    kind: str
    noise: float
    added: float
    saved: float | None = None


def mixed_precision(
    model: bytes, calibration: Sequence[Tensors]
) -> tuple[bytes, list[OperatorError], list[str]]:
    """Quantize a float TFLite file but for the operators that lose the most.

    Args:
        model: a float32 TFLite file.
        calibration: batches of its inputs.

    Returns:
        The file, with float32 input and output; the error of every operator; and the names of
        the operators that stay in float.

    Raises:
        InputError: no calibration batches.
        MissingExtraError: litert-quantizer is missing; the extra is named.
    """
    bench = _Bench(model, calibration)
    base = bench.alpha_error(())
    errors = bench.operator_errors()
    ranked = sorted(errors, key=lambda error: error.added, reverse=True)[:CANDIDATES]
    saved = {error.name: base - bench.alpha_error((error.name,)) for error in ranked}
    errors = [
        OperatorError(error.name, error.kind, error.noise, error.added, saved.get(error.name))
        for error in errors
    ]
    kept: list[str] = []
    lowest = base
    most = max(1, round(KEPT_PART * len(errors)))
    for name in sorted(saved, key=lambda name: saved[name], reverse=True):
        if len(kept) == most:
            break
        error = bench.alpha_error((*kept, name))
        if error < lowest:
            lowest = error
            kept.append(name)
    return bench.quantize(kept), errors, kept


class _Bench:
    """Quantizes one file in many ways from one calibration, and measures the results."""

    def __init__(self, model: bytes, calibration: Sequence[Tensors]):
        try:
            from litert_quantizer import Quantizer, recipe
        except ImportError as error:
            raise MissingExtraError(
                "Precision mixed needs `pip install 'tfmatting[mixed]'`."
            ) from error
        if not calibration:
            raise InputError("Precision mixed needs calibration photos. Give --calibration.")
        batches = [_floats(batch) for batch in calibration]
        self._model = model
        self._checks = batches[:: max(1, len(batches) // CHECKS)][:CHECKS]
        self._new = lambda: Quantizer(bytearray(model), recipe.static_wi8_ai8())
        with quiet_native_output():
            self._ranges = self._new().calibrate({SIGNATURE: batches}, num_threads=2)
        self._expected = self._alphas(model)

    def quantize(self, kept: Sequence[str]) -> bytes:
        """Return the file with the named operators left in float."""
        return self._result(self._quantizer(kept))

    def alpha_error(self, kept: Sequence[str]) -> float:
        """Return the mean absolute difference of alpha from the float file's."""
        alphas = np.stack(self._alphas(self.quantize(kept)))
        return float(np.abs(alphas - np.stack(self._expected)).mean())

    def operator_errors(self) -> list[OperatorError]:
        """Return the noise at every operator of the fully quantized file, in order."""
        from litert_quantizer.utils.validation_utils import ValidationErrorMetric

        quantizer = self._quantizer(())
        self._result(quantizer)
        with quiet_native_output():
            compared = quantizer.validate(
                {SIGNATURE: self._checks}, [ValidationErrorMetric.SNR], num_threads=2
            )
        figures = compared.get_all_tensor_results()
        noise = {
            name: 1.0 / max(values["snr"], 1e-9)
            for name, values in figures.items()
            if values.get("snr")
        }
        errors = []
        for name, kind, inputs in operators(self._model):
            if name in noise:
                arriving = max((noise.get(source, 0.0) for source in inputs), default=0.0)
                errors.append(OperatorError(name, kind, noise[name], noise[name] - arriving))
        return errors

    def _quantizer(self, kept: Sequence[str]) -> Any:
        from litert_quantizer.algorithm_manager import AlgorithmName
        from litert_quantizer.qtyping import TFLOperationName

        quantizer = self._new()
        floats = [(".*", TFLOperationName.INPUT), (".*", TFLOperationName.OUTPUT)]
        floats += [(f"^{re.escape(name)}", TFLOperationName.ALL_SUPPORTED) for name in kept]
        for scope, operation in floats:
            quantizer.update_quantization_recipe(
                scope, operation, algorithm_key=AlgorithmName.NO_QUANTIZE
            )
        return quantizer

    def _result(self, quantizer: Any) -> bytes:
        with quiet_native_output(), np.errstate(invalid="ignore"):
            result = quantizer.quantize(self._ranges, enable_progress_report=False)
        return bytes(result.quantized_model)

    def _alphas(self, model: bytes) -> list[np.ndarray]:
        from ai_edge_litert.interpreter import Interpreter

        with quiet_native_output():
            interpreter = Interpreter(model_content=model, num_threads=2)
            runner = interpreter.get_signature_runner(SIGNATURE)
            return [np.array(runner(**batch)["alpha"]) for batch in self._checks]


def operators(model: bytes) -> list[tuple[str, str, list[str]]]:
    """Return (output name, kind, input names) of every operator of a TFLite file, in order."""
    tree = read_tree(model)
    graph = tree.subgraphs[0]
    names = [tensor.name.decode() for tensor in graph.tensors]
    found = []
    for operator in graph.operators:
        kind, _ = operator_kind(tree, operator)
        inputs = [names[index] for index in operator.inputs if index >= 0]
        found.append((names[operator.outputs[0]], kind, inputs))
    return found


def _floats(batch: Tensors) -> Tensors:
    return {name: value.astype(np.float32) for name, value in batch.items()}
