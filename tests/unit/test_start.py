"""What each command imports before it does anything: seconds of every start hang on it."""

import json
import subprocess
import sys

import numpy as np

from tests.processes import unmeasured
from tfmatting.cli.main import COMMANDS
from tfmatting.imaging.io import write_image
from tfmatting.inference.pretrained import PRETRAINED

WATCHED = ("tensorflow", "keras", "numpy", "cv2", "PIL", "ai_edge_litert", "multiprocessing")
WATCHED += ("importlib.resources", "tempfile", "asyncio", "PIL.GifImagePlugin")
CHILD = """
import json, sys
from tfmatting.cli import main
for words in json.loads(sys.argv[1]):
    try:
        code = main(words)
    except SystemExit as error:
        code = error.code
    loaded = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
    print("loaded", json.dumps([code, loaded]))
"""
PICTURES = {"numpy", "cv2", "PIL"}
NUMPY_TO_NAME_SMOOTHERS = {"video", "webcam"}
READS_LAYOUTS = {"prepare"}


def run(*commands: list[str], folder=None) -> list[tuple[int, set[str]]]:
    """Exit code and watched modules after each of some commands, all in one fresh process."""
    words = [sys.executable, "-c", CHILD, json.dumps(commands), json.dumps(WATCHED)]
    result = subprocess.run(
        words, capture_output=True, text=True, check=True, cwd=folder, env=unmeasured()
    )
    lines = [line for line in result.stdout.splitlines() if line.startswith("loaded ")]
    found = [json.loads(line.removeprefix("loaded ")) for line in lines]
    assert len(found) == len(commands), result.stderr
    return [(code, set(loaded)) for code, loaded in found]


def test_help_and_tables_import_nothing_heavy():
    names = sorted(set(COMMANDS) - NUMPY_TO_NAME_SMOOTHERS - READS_LAYOUTS)
    words = [["--help"], ["models"], *([name, "--help"] for name in names)]
    for given, (code, loaded) in zip(words, run(*words), strict=True):
        assert (code, loaded) == (0, set()), given


def test_the_help_of_the_others_needs_no_tensorflow():
    words = [[name, "--help"] for name in sorted(NUMPY_TO_NAME_SMOOTHERS | READS_LAYOUTS)]
    assert len(words) == 3
    for given, (code, loaded) in zip(words, run(*words), strict=True):
        assert code == 0 and not loaded & {"tensorflow", "keras"}, given


def test_errors_of_training_export_and_conversion_come_before_tensorflow(tmp_path):
    portrait = str(PRETRAINED["portrait"].checkpoint)
    words = [
        ["train", "--model", "nope"],
        ["train", "--weights", "nope.keras"],
        ["train", "--data", "nope"],
        ["train", "--quantize-aware", "--prune", "0.5"],
        ["export", "--weights", "nope.keras"],
        ["export", "--output", "model.jpg"],
        ["export", "--target", "edgetpu"],
        ["export", "--weights", portrait, "--format", "onnx", "--precision", "int8"],
        ["export", "--weights", "portrait", "--format", "onnx", "--precision", "int8"],
        ["convert", "nope.pth", "--model", "tnet", "-o", "x.keras"],
        ["convert", portrait, "--model", "nope", "-o", "x.keras"],
    ]
    for given, (code, loaded) in zip(words, run(*words, folder=tmp_path), strict=True):
        assert (code, loaded) == (2, set()), given


def test_errors_of_the_other_commands_need_no_tensorflow(tmp_path):
    words = [
        ["lint", "nope.tflite"],
        ["evaluate", "--model", "nope"],
        ["evaluate", "--data", "nope"],
        ["benchmark", "--model", "nope"],
        ["prepare", "pairs", "nope", "-o", "x"],
        ["video", "nope.mp4", "-o", "x.mp4"],
        ["matte", "nope.jpg", "-o", "x.png"],
    ]
    for given, (code, loaded) in zip(words, run(*words, folder=tmp_path), strict=True):
        assert code == 2 and not loaded & {"tensorflow", "keras"}, given


def test_lint_needs_no_pictures():
    ((code, loaded),) = run(["lint", str(PRETRAINED["portrait_lite"].file)])
    assert code == 1 and not loaded & {"tensorflow", "keras", "cv2", "PIL"}


def test_a_photo_imports_pictures_and_litert_alone(tmp_path):
    write_image(tmp_path / "a.jpg", np.full((40, 30, 3), 128, np.uint8))
    ((code, loaded),) = run(
        ["matte", "a.jpg", "-o", "a.png", "--model", "portrait_lite"], folder=tmp_path
    )
    assert code == 0 and (tmp_path / "a.png").is_file()
    assert loaded == PICTURES | {"ai_edge_litert", "tempfile"}, "a name is made to write to"
