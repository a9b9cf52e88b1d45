"""`export.py`, `tfmatting export`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfmatting.cli.arguments import size
from tfmatting.datasets.sources import SAMPLE
from tfmatting.errors import InputError
from tfmatting.exporting.formats import FORMATS, PRECISIONS, RESIZABLE, SLOW

RUNS = Path("runs")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("--weights", type=Path, metavar="FILE|RUN", help="the newest run when omitted")
    add("--format", default="tflite", choices=tuple(FORMATS))
    add("--precision", default="float32", choices=PRECISIONS)
    add("--input-size", type=size, metavar="H,W", help="the checkpoint's when omitted")
    add(
        "--calibration",
        default=SAMPLE,
        metavar="DIR|sample",
        help="photos like those the model will see; quantization needs them",
    )
    add(
        "--preprocessing",
        choices=("inside", "external"),
        default="inside",
        help="pb: pixels are normalised in the graph, or by the client as blobFromImage does",
    )
    add(
        "--quantization-report",
        type=Path,
        metavar="FILE.png",
        help="draw where eight bits hurt, operator by operator",
    )
    add(
        "--target",
        choices=("any", "edgetpu"),
        default="any",
        help="edgetpu: int8 with enlargements that the Edge TPU takes",
    )
    add(
        "--low-resolution",
        action="store_true",
        help="modnet: its low-resolution branch alone, for easy scenes",
    )
    add(
        "--resizable",
        action="store_true",
        help="tflite: the client chooses the size; --input-size is the one to begin with",
    )
    add("--output", type=Path, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Export, compare, print the comparison."""
    from tfmatting.tensorflow_setup import import_tensorflow

    import_tensorflow()
    from tfmatting.exporting.exporter import ExportMismatchError, export
    from tfmatting.exporting.graph.opencv_client import client_call
    from tfmatting.exporting.photos import CALIBRATION_PHOTOS, check_photos, read_photos
    from tfmatting.models import load_model
    from tfmatting.models.variants import (
        low_resolution_only,
        with_any_size,
        with_edge_tpu_corners,
    )

    weights = _weights(arguments.weights)
    model = load_model(weights, input_size=arguments.input_size)
    if arguments.low_resolution:
        model = low_resolution_only(model)
    if arguments.target == "edgetpu":
        if (arguments.format, arguments.precision) != ("tflite", "int8"):
            raise InputError(
                "An Edge TPU takes tflite in int8 only. Received: "
                f"{arguments.format} in {arguments.precision}. Give --precision int8."
            )
        trained, model = model, with_edge_tpu_corners(model)
        if model is not trained:
            print(
                "Enlargements align corners now, which the model was not trained with. Train with "
                "--set model.corner=align_corners to avoid the difference."
            )
    if arguments.resizable:
        if arguments.format != "tflite" or arguments.precision not in RESIZABLE:
            raise InputError(
                f"Files of any size are tflite in {', '.join(RESIZABLE)}. Received: "
                f"{arguments.format} in {arguments.precision}. Leave --resizable out."
            )
        model = with_any_size(model)
    height, width = model.matting_config.input_size
    output = arguments.output or Path(
        f"{model.name}_{height}x{width}_{arguments.precision}{FORMATS[arguments.format].suffix}"
    )
    photos = read_photos(arguments.calibration, CALIBRATION_PHOTOS)
    external = arguments.preprocessing == "external"
    if arguments.precision in SLOW:
        print(f"Note: {SLOW[arguments.precision]}.")
    if arguments.calibration == SAMPLE and arguments.precision in ("int8", "int16x8"):
        print("Calibrating on drawn samples; --calibration DIR with real photos is better.")
    try:
        comparison = export(
            model,
            output,
            format_name=arguments.format,
            precision=arguments.precision,
            calibration=photos,
            checks=check_photos(photos),
            external=external,
        )
    except ExportMismatchError as error:
        print(f"tfmatting export: {error}", file=sys.stderr)
        return 1
    print(f"{'file':44} {'MB':>6} {'photos':>6} {'mean |d|':>9} {'max |d|':>9} {'allowed':>8}")
    print(
        f"{output!s:44} {comparison.megabytes:6.2f} {comparison.images:6} "
        f"{comparison.mean_difference:9.2g} {comparison.largest_difference:9.2g} "
        f"{comparison.tolerance:8.0e}"
    )
    if arguments.quantization_report:
        from tfmatting.exporting.inputs import input_batches
        from tfmatting.exporting.tflite.quantization_report import write_quantization_report

        write_quantization_report(
            model, arguments.quantization_report, input_batches(model, photos)
        )
        print(f"Errors of eight bits: {arguments.quantization_report}")
    if external:
        print(f"The client's call: {client_call(model)}")
        return 0
    print(f"Next: python -m tfmatting matte PHOTO -o OUT.png --model {output}")
    return 0


def _weights(given: Path | None) -> Path:
    """The checkpoint asked for, else the newest run's, else the one that ships."""
    from tfmatting.inference.loading import DEFAULT, SHIPPED
    from tfmatting.training.checkpoints import find_checkpoint

    if given:
        return find_checkpoint(given)
    try:
        weights = find_checkpoint(RUNS) if RUNS.is_dir() else SHIPPED / f"{DEFAULT}.keras"
    except FileNotFoundError:
        weights = SHIPPED / f"{DEFAULT}.keras"
    print(f"Exporting {weights}.")
    return weights
