"""AIPP configurations: what an Ascend 310 would compute, done here, beside OpenCV's conversion."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from tensorflow.core.framework import graph_pb2

import tfmatting
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.errors import InputError
from tfmatting.exporting.graph.aipp import CAMERA_FORMATS, aipp_configuration, check_aipp
from tfmatting.inference.runtimes import open_runtime

PHOTOS = [source.load().image for source in sample_listing(2, seed=2, size=(90, 70)).sources]
LARGEST_DIFFERENCE = 2
"""Grey levels from OpenCV: AIPP's weights have 8 bits behind the point and its sums are cut off,
OpenCV's have 20 and are rounded. U and V in the wrong order differ by up to 255."""


def entries(text: str) -> dict[str, str]:
    """The entries of a configuration, and nothing else may be in it."""
    body = re.fullmatch(r"aipp_op \{\n((?:    \w+: [\w.-]+\n)+)\}\n", text)
    assert body
    return dict(line.strip().split(": ") for line in body[1].splitlines())


def aipp(frame: np.ndarray, text: str) -> np.ndarray:
    """Do what the configuration says to a frame, as published: swap, convert, normalise."""
    said = entries(text)
    height, width = int(said["src_image_size_h"]), int(said["src_image_size_w"])
    assert (said["aipp_mode"], said["crop"]) == ("static", "false")
    if said["input_format"] == "YUV420SP_U8":
        pixels = planes(frame.astype(np.int64), height, width, said["rbuv_swap_switch"] == "true")
    else:
        pixels = frame[..., ::-1] if said["rbuv_swap_switch"] == "true" else frame
        pixels = pixels.astype(np.int64)
    if said["csc_switch"] == "true":
        matrix = [[int(said[f"matrix_r{row}c{column}"]) for column in range(3)] for row in range(3)]
        bias = [int(said[f"input_bias_{channel}"]) for channel in range(3)]
        pixels = np.clip((pixels - bias) @ np.transpose(matrix) >> 8, 0, 255)
    for channel in range(3):
        taken = float(said[f"mean_chn_{channel}"]) + float(said[f"min_chn_{channel}"])
        assert (taken, float(said[f"var_reci_chn_{channel}"])) == (0.0, 1.0)
    return pixels


def planes(frame: np.ndarray, height: int, width: int, swapped: bool) -> np.ndarray:
    """Y, U, V of every pixel of a semi-planar 4:2:0 frame [3 H / 2, W]."""
    assert frame.shape == (height * 3 // 2, width)
    chroma = frame[height:].reshape(height // 2, width // 2, 2)
    chroma = chroma[..., ::-1] if swapped else chroma
    chroma = chroma.repeat(2, axis=0).repeat(2, axis=1)
    return np.concatenate([frame[:height, :, None], chroma], axis=-1)


def camera_frame(seed: int, height: int = 64, width: int = 96) -> np.ndarray:
    """Random bytes: every U and V, and Y from 16, black in the narrow range; OpenCV cuts there."""
    shape = (height * 3 // 2, width)
    frame = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    frame[:height] = np.maximum(frame[:height], 16)
    return frame


@pytest.mark.parametrize(
    ("camera", "conversion"),
    [("nv21", cv2.COLOR_YUV2RGB_NV21), ("nv12", cv2.COLOR_YUV2RGB_NV12)],
)
def test_the_written_matrix_converts_as_opencv_does(camera, conversion):
    text = aipp_configuration(camera, (64, 96))
    for seed in range(8):
        frame = camera_frame(seed)
        expected = cv2.cvtColor(frame, conversion).astype(np.int64)
        difference = np.abs(aipp(frame, text) - expected)
        assert difference.max() <= LARGEST_DIFFERENCE
        assert difference.mean() < 0.75
        wrong = text.replace("rbuv_swap_switch: ", "rbuv_swap_switch: x")
        assert np.abs(aipp(frame, wrong) - expected).max() > 200 or camera == "nv12"


def test_rgb_frames_pass_as_they_are():
    text = aipp_configuration("rgb888", (40, 50))
    frame = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    np.testing.assert_array_equal(aipp(frame, text), frame)
    assert entries(text)["csc_switch"] == "false" and "matrix" not in text


@pytest.mark.parametrize(
    ("camera", "size"), [("nv21", (63, 96)), ("nv21", (64, 104)), ("nv12", (64, 8)),
                         ("rgb888", (64, 4128))]
)  # fmt: skip
def test_sizes_that_the_frames_cannot_have_are_refused(camera, size):
    with pytest.raises(InputError, match=f"height that 2 and a width that 16 divides. .*{size[0]}"):
        check_aipp(camera, "pb", size)


def test_every_size_that_the_models_take_by_default_fits():
    from tfmatting.models.spec import SPECS

    for spec in SPECS.values():
        for camera in CAMERA_FORMATS:
            check_aipp(camera, "pb", spec.default_size)


def test_the_export_writes_the_configuration_and_says_the_command(
    tmp_path, tiny_checkpoint, command
):
    path = tmp_path / "m.pb"
    words = ("--weights", tiny_checkpoint, "--format", "pb", "--aipp", "nv21", "--output", path)
    code, out, error = command("export", *words)
    assert code == 0, error
    configuration = tmp_path / "m.aipp.cfg"
    said = entries(configuration.read_text())
    assert (said["src_image_size_h"], said["src_image_size_w"]) == ("64", "96")
    assert out.splitlines()[-1] == (
        f"Next: atc --model={path} --framework=3 --output={tmp_path / 'm'} --input_format=NHWC "
        f'--input_shape="image:1,64,96,3" --out_nodes="alpha:0" --insert_op_conf={configuration} '
        "--soc_version=Ascend310"
    )
    frame = camera_frame(3)
    runtime = open_runtime(path)
    pixels = (aipp(frame, configuration.read_text()), cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_NV21))
    ours, opencv = (runtime.run({"image": each[None].astype(np.uint8)})["alpha"] for each in pixels)
    assert np.abs(ours - opencv).mean() < 5e-3  # a level or two of 255 in the pixels


def test_the_image_is_the_first_input_also_beside_a_prior(tmp_path):
    model = tfmatting.build("modnet", (64, 64), prior_alpha=True, detail_channels=8)
    report = tfmatting.export(
        model, tmp_path / "m.pb", format="pb", aipp="nv12", calibration=PHOTOS
    )
    assert '--input_shape="image:1,64,64,3;prior_alpha:1,64,64,1"' in report.compile_command
    graph = graph_pb2.GraphDef.FromString(Path(report.path).read_bytes())
    inputs = [node.name for node in graph.node if node.op == "Placeholder"]
    assert inputs == ["image", "prior_alpha"]  # related_input_rank counts them
    assert any(node.name == "alpha" for node in graph.node)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "onnx"}, "AIPP feeds a pb.*Received: onnx. Give --format pb."),
        ({"format": "pb", "preprocessing": "external"}, "Received: pb_external"),
        ({"format": "pb", "aipp": "yuyv"}, "AIPP takes nv21, nv12, rgb888. Received: 'yuyv'"),
    ],
)
def test_what_aipp_cannot_feed_is_refused(tmp_path, tiny_tnet, options, message):
    with pytest.raises(InputError, match=message):
        tfmatting.export(tiny_tnet, tmp_path / "m", **{"aipp": "nv21", **options})
    assert not list(tmp_path.iterdir())
