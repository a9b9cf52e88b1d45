"""`python export.py` and `tfmatting export`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfmatting.cli.arguments import size
from tfmatting.datasets.names import SAMPLE
from tfmatting.exporting.export import export
from tfmatting.exporting.formats import EXPORT_TARGETS, FORMAT_NAMES, PRECISIONS, PREPROCESSING
from tfmatting.exporting.graph.aipp import CAMERA_FORMATS
from tfmatting.exporting.report import ExportMismatchError

WEIGHTS = "a checkpoint, a run or a model that ships; else the newest finished run, or portrait"
CALIBRATION = "photos like those the model will see; quantization needs them"
PREPROCESSING_HELP = "pb: pixels are normalised in the graph, or by the client's blobFromImage"
REPORT = "draw the error that eight bits make, operator by operator"
EDGE_TPU = "edgetpu: int8 with enlargements that the Edge TPU takes"
LOW_RESOLUTION = "modnet: its low-resolution branch alone, for easy scenes"
AIPP = "pb: also write how an Ascend 310 turns such camera frames into the network's pixels"
RESIZABLE = "tflite: the client chooses the size; --input-size is the one to begin with"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add("--weights", metavar="FILE|RUN|NAME", help=WEIGHTS)
    add("--format", default="tflite", choices=FORMAT_NAMES)
    add("--precision", default="float32", choices=PRECISIONS)
    add("--input-size", type=size, metavar="H,W", help="the checkpoint's when omitted")
    add("--calibration", default=SAMPLE, metavar="DIR|sample", help=CALIBRATION)
    add("--preprocessing", choices=PREPROCESSING, default="inside", help=PREPROCESSING_HELP)
    add("--quantization-report", type=Path, metavar="FILE.png", help=REPORT)
    add("--target", choices=EXPORT_TARGETS, default="any", help=EDGE_TPU)
    add("--low-resolution", action="store_true", help=LOW_RESOLUTION)
    add("--resizable", action="store_true", help=RESIZABLE)
    add("--aipp", choices=tuple(CAMERA_FORMATS), help=AIPP)
    add("--output", type=Path, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Export a model and print the comparison; exit code 1 if the file differs too much."""
    names = ("weights", "output", "format", "precision", "input_size", "calibration")
    names += ("preprocessing", "quantization_report", "target", "low_resolution", "resizable")
    options = {name: getattr(arguments, name) for name in (*names, "aipp")}
    try:
        report = export(**options, report=print)
    except ExportMismatchError as error:
        print(f"tfmatting export: {error}", file=sys.stderr)
        return 1
    print(report.table())
    if report.quantization_report:
        print(f"Errors of eight bits: {report.quantization_report}")
    print(report.next)
    return 0
