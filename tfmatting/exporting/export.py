"""`tfmatting.export`: a trained model as a file for a phone, a Coral, a Jetson, OpenCV or a server.

TensorFlow is imported by the call, once its arguments have been looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfmatting.config import Size
from tfmatting.datasets.names import SAMPLE
from tfmatting.exporting.formats import CALIBRATED, SLOW, check_cell, check_path, find_format
from tfmatting.exporting.forms import Form
from tfmatting.exporting.graph.aipp import (
    aipp_configuration,
    atc_command,
    check_aipp,
    configuration_path,
)
from tfmatting.exporting.report import ExportReport
from tfmatting.files import megabytes, write_text
from tfmatting.inference.pretrained import PRETRAINED
from tfmatting.models.checkpoints import find_checkpoint
from tfmatting.models.metadata import read_metadata
from tfmatting.plots import check_picture
from tfmatting.tensorflow_setup import import_tensorflow

if TYPE_CHECKING:
    import keras
    import numpy as np


def export(
    weights: str | Path | keras.Model | None = None,
    output: str | Path | None = None,
    *,
    format: str = "tflite",
    precision: str = "float32",
    input_size: Size | None = None,
    calibration: str | Path | Sequence[np.ndarray] = SAMPLE,
    preprocessing: str = "inside",
    target: str = "any",
    low_resolution: bool = False,
    resizable: bool = False,
    aipp: str | None = None,
    quantization_report: str | Path | None = None,
    report: Callable[[str], None] | None = None,
) -> ExportReport:
    """Export a model, load the file back in its own runtime, and compare the two.

    The file takes `image` [1, H, W, 3], RGB 0..255, and gives `alpha` [1, H, W, 1] in [0, 1].

    Args:
        weights: a model from `tfmatting.build` or `load_model`, a `.keras` file, a run's folder,
            or the name of a model that ships ("portrait_fine"), which stands for its checkpoint.
            None stands for the newest finished run below `runs/`, or else `portrait`.
        output: the file or folder to write. None makes a name in the working folder out of the
            model, the size and the precision.
        format: "saved_model", "pb", "onnx" or "tflite".
        precision: of `exporting.formats.PRECISIONS`; the table of formats says which format has
            which.
        input_size: (height, width) in pixels; the model's own when None.
        calibration: photos like those that the model will see: a folder, arrays uint8
            [H, W, 3], or "sample" for drawn ones. Quantization uses up to 100 of them, and the
            comparison up to 7.
        preprocessing: "inside" to normalise pixels in the graph; "external" (`pb` only) leaves
            it to the client, as `blobFromImage` does.
        target: "any", or "edgetpu" for int8 with enlargements that the Edge TPU takes.
        low_resolution: export MODNet's low-resolution branch alone, for easy scenes.
        resizable: let the client of a `tflite` file choose the size.
        aipp: for a `pb`: also write the AIPP configuration (`.aipp.cfg` beside it) with which
            `atc` compiles it for an Ascend 310 that feeds frames as "nv21", "nv12" or "rgb888".
        quantization_report: a picture to draw of the error that 8 bits make at each operator.
        report: is called with each line of text for the user.

    Returns:
        The path, its size, the comparison, and what to do next.

    Raises:
        InputError: a combination that the table does not have, or a model without the form
            asked for.
        MissingFileError: no such weights or photos.
        MissingExtraError: an optional package is missing; the extra is named.
        ExportMismatchError: the file's alpha differs from the model's by more than the table
            allows. The file is removed.

    Example:
        >>> import tfmatting
        >>> model = tfmatting.build("tnet", (64, 64), width=0.25, stem_stride=2)
        >>> report = tfmatting.export(model, "tiny.tflite")
        >>> report.path.name, report.comparison.mean_difference <= report.tolerance
        ('tiny.tflite', True)
        >>> tfmatting.load(report.path).input_size
        (64, 64)
    """
    report = report or _discard
    row = find_format(format, preprocessing)
    form = Form(target, low_resolution, resizable)
    form.check(row, precision)
    if aipp:
        check_aipp(aipp, row.name)
    if output:
        check_path(row, Path(output))
    check_picture(quantization_report)
    if isinstance(weights, str) and weights in PRETRAINED:
        weights = PRETRAINED[weights].checkpoint
        report(f"Exporting {weights}.")
    if isinstance(weights, str | Path):
        check_cell(read_metadata(find_checkpoint(weights))["model"], row, precision)
    import_tensorflow()
    from tfmatting.exporting.exporter import write_verified
    from tfmatting.exporting.photos import CALIBRATION_PHOTOS, CHECKED, check_photos, read_photos
    from tfmatting.exporting.weights import open_model

    model = form.apply(open_model(weights, input_size, report), report)
    size = model.matting_config.input_size
    if aipp:
        check_aipp(aipp, row.name, size)
    cell = check_cell(model.name, row, precision)
    path = Path(output) if output else Path(_default_name(model, precision, row.suffix))
    if model.metadata.get("letterbox"):
        report("Note: this model takes photos in their proportions, with bars of grey 128.")
    if precision in SLOW:
        report(f"Note: {SLOW[precision]}.")
    if isinstance(calibration, str) and calibration == SAMPLE and precision in CALIBRATED:
        report("Calibrating on drawn samples; --calibration DIR with real photos is better.")
    quantizes = precision in CALIBRATED or quantization_report
    count = CALIBRATION_PHOTOS if quantizes else CHECKED
    photos = read_photos(calibration, count, size)
    comparison = write_verified(model, path, cell, calibration=photos, checks=check_photos(photos))
    if aipp:
        write_text(configuration_path(path), aipp_configuration(aipp, size))
    if quantization_report:
        _draw_quantization(model, Path(quantization_report), photos)
    return ExportReport(
        path=path,
        megabytes=megabytes(path),
        comparison=comparison,
        tolerance=cell.tolerance or 0.0,
        quantization_report=Path(quantization_report) if quantization_report else None,
        client_call=_client_call(model) if preprocessing == "external" else "",
        compile_command=atc_command(path, model.input, size) if aipp else "",
    )


def _default_name(model: keras.Model, precision: str, suffix: str) -> str:
    height, width = model.matting_config.input_size
    return f"{model.name}_{height}x{width}_{precision}{suffix}"


def _draw_quantization(model: keras.Model, path: Path, photos: Sequence[np.ndarray]) -> None:
    from tfmatting.exporting.inputs import input_batches
    from tfmatting.exporting.tflite.quantization_report import write_quantization_report

    write_quantization_report(model, path, input_batches(model, photos))


def _client_call(model: keras.Model) -> str:
    from tfmatting.exporting.graph.opencv_client import client_call

    return client_call(model)


def _discard(text: str) -> None:
    """Ignore text for the user: the library itself prints nothing."""
