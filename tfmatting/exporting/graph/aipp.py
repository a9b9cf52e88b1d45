"""AIPP configurations: an Ascend processor turns camera frames into the pixels of a frozen graph.

AIPP is the step before a network on Ascend processors. `atc` compiles it into the model from a text
file (`--insert_op_conf`). With that file the compiled model takes the frame as the camera or the
video decoder gives it, and the network inside still sees RGB 0..255: normalization stays in the
graph.

Source: hiascend.com, ATC, AIPP configuration (CANN 8.0, which lists the Ascend 310):
"Configuration File Template", "CSC Configuration" for the matrix, and "--input_format": with AIPP,
ONNX files must be NCHW, and TensorFlow's graphs may be NHWC, as the `.pb` of this project is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tfmatting.config import Size
from tfmatting.errors import InputError

SOC_VERSION = "Ascend310"
LONGEST = 4096
"""Longest side that AIPP takes, pixels."""
ROW_MULTIPLE = 16
"""The 310's resizer (DVPP) fills rows of 4:2:0 frames up to this; other widths would be skewed."""
BT_601 = ((298, 0, 409), (298, -100, -208), (298, 516, 0))
"""256 times the matrix from Y, U, V of BT.601 in its narrow range to R, G, B, as published."""
BT_601_BIAS = (16, 128, 128)


@dataclass(frozen=True)
class CameraFormat:
    """How a camera or decoder lays out a frame.

    Attributes:
        input_format: AIPP's name of it.
        subsampled: Y of every pixel, then U and V of every 2x2 pixels, BT.601 in narrow range.
        swapped: V comes before U; AIPP's own order is U, V.
    """

    input_format: str
    subsampled: bool = False
    swapped: bool = False


CAMERA_FORMATS = {
    "nv21": CameraFormat("YUV420SP_U8", subsampled=True, swapped=True),
    "nv12": CameraFormat("YUV420SP_U8", subsampled=True),
    "rgb888": CameraFormat("RGB888_U8"),
}
"""Value of `--aipp` -> the frames that the compiled model takes."""


def check_aipp(camera: str, row_name: str, size: Size | None = None) -> None:
    """Refuse what AIPP cannot feed.

    Args:
        camera: a key of `CAMERA_FORMATS`.
        row_name: of `exporting.formats.FORMATS`.
        size: (height, width) of the network; not looked at when None.

    Raises:
        InputError: an unknown camera format, another export than `pb` with pixels normalised
            inside, or a size that the frames cannot have.
    """
    if camera not in CAMERA_FORMATS:
        raise InputError(f"AIPP takes {', '.join(CAMERA_FORMATS)}. Received: {camera!r}.")
    if row_name != "pb":
        raise InputError(
            f"AIPP feeds a pb that normalises pixels itself. Received: {row_name}. Give "
            "--format pb."
        )
    if size is None:
        return
    height, width = size
    uneven = CAMERA_FORMATS[camera].subsampled and (height % 2 or width % ROW_MULTIPLE)
    if uneven or max(size) > LONGEST:
        raise InputError(
            f"An Ascend 310 takes {camera} frames up to {LONGEST} a side, of a height that 2 and a "
            f"width that {ROW_MULTIPLE} divides. Received: {height}x{width}. Give --input-size."
        )


def aipp_configuration(camera: str, size: Size) -> str:
    """The text of a static AIPP configuration, for a model whose first input is the image.

    Args:
        camera: a key of `CAMERA_FORMATS`.
        size: (height, width) of the network. AIPP of the 310 does not resize: frames come in
            this size.
    """
    frame, (height, width) = CAMERA_FORMATS[camera], size
    entries: dict[str, object] = {
        "aipp_mode": "static",
        "related_input_rank": 0,
        "input_format": frame.input_format,
        "src_image_size_w": width,
        "src_image_size_h": height,
        "crop": "false",
        "csc_switch": str(frame.subsampled).lower(),
        "rbuv_swap_switch": str(frame.swapped).lower(),
    }
    if frame.subsampled:
        for row, weights in enumerate(BT_601):
            entries |= {f"matrix_r{row}c{column}": value for column, value in enumerate(weights)}
        entries |= {f"input_bias_{channel}": bias for channel, bias in enumerate(BT_601_BIAS)}
    for channel in range(3):  # (pixel - mean - min) * var_reci: pixels as they are
        entries |= {f"mean_chn_{channel}": 0, f"min_chn_{channel}": "0.0"}
        entries |= {f"var_reci_chn_{channel}": "1.0"}
    lines = (f"    {name}: {value}" for name, value in entries.items())
    return "\n".join(["aipp_op {", *lines, "}", ""])


def configuration_path(graph: Path) -> Path:
    """Where the configuration of a `.pb` goes: beside it."""
    return graph.with_suffix(".aipp.cfg")


def atc_command(graph: Path, inputs: Iterable[str], size: Size) -> str:
    """The command that compiles a `.pb` and its AIPP configuration for the Ascend 310."""
    height, width = size
    shapes = ";".join(f"{name}:1,{height},{width},{3 if name == 'image' else 1}" for name in inputs)
    return (
        f"atc --model={graph} --framework=3 --output={graph.with_suffix('')} "
        f'--input_format=NHWC --input_shape="{shapes}" --out_nodes="alpha:0" '
        f"--insert_op_conf={configuration_path(graph)} --soc_version={SOC_VERSION}"
    )
