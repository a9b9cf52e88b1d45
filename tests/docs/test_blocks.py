"""The code blocks of the README and the documentation are right, and they run, at small size."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
from pathlib import Path

import pytest
import sandbox
from blocks import (
    PAGES,
    PYTHON,
    ROOT,
    SHELL,
    SHOWN_ONLY,
    Block,
    blocks_of,
    commands_of,
    fault_of,
    own_command,
)

import tfmatting
from tfmatting.cli import main

PAPERS = ("docs/measurements.md", "docs/portrait.md", "tfmatting/shipped/README.md")
"""Their commands take hours and the photos that were measured on: they are read, not run."""
NOT_RUN = {
    "--ray": "needs a cluster; test_cluster.py and test_parallel_runs.py have one",
    "long.mp4": "nothing of it was stopped; tests/unit/video/test_matte.py stops a film",
    "--shard": "a scheduler sets its variables; tests/unit/photos/test_jobs.py parses them",
    "webcam": "needs a camera and a window; tests/unit/video/test_webcam.py gives it a film",
    "serve": "runs until it is stopped; tests/web uses it",
    "--delegate": "needs an accelerator; tests/unit/inference/test_delegate.py compiles one",
    "--strategy": "needs several GPUs or machines; the tests of strategies have several replicas",
    "--quantize-aware": "tests/unit/training/test_compression.py runs it",
    "deeplabv3_resnet50.pth": "foreign weights; tests/unit/models/test_checkpoints.py makes some",
    "deeplab.pth": "the same",
    "unet.pth": "the same",
    "modnet.ckpt": "foreign weights; tests/unit/models/test_modnet.py makes some",
    "modnet.onnx": "the same",
    "lfm.h5": "foreign weights; tests/unit/models/test_convert.py makes some",
}
"""A word of the package's own commands -> why a line with it is not run."""
STANDS_FOR = {"VIDEO": "me.mp4", "FILE": "modnet.keras", "PHOTO": "me.jpg"}
HEAVY = {"train", "export", "convert", "prepare", "video", "benchmark", "evaluate"}
"""Commands, and names of Python, that make a page's test a slow one."""
NAMES = {page: page.relative_to(ROOT).as_posix() for page in PAGES}


def reason_not_to_run(words: list[str]) -> str | None:
    """Why a command is not run; None if it is."""
    own = own_command(words)
    return None if own and not set(own) & set(NOT_RUN) else NOT_RUN.get((own or words)[0], "listed")


def is_heavy(page: Path) -> bool:
    """Whether a page's code takes more than a few seconds."""
    for block in blocks_of(page):
        if block.language == PYTHON:
            if any(f".{name}(" in block.text for name in (*HEAVY, "matte_video", "build")):
                return True
        elif block.language == SHELL:
            own = (own_command(words) for words in commands_of(block))
            if any(words and words[0] in HEAVY for words in own):
                return True
    return False


def runnable() -> list:
    """The pages with code to run, the slow ones marked."""
    pages = [
        page
        for page in PAGES
        if NAMES[page] not in PAPERS
        and any(block.language in (SHELL, PYTHON) for block in blocks_of(page))
    ]
    return [
        pytest.param(page, id=NAMES[page], marks=[pytest.mark.slow] if is_heavy(page) else [])
        for page in pages
    ]


@pytest.mark.parametrize("text_file", PAGES, ids=NAMES.get)
def test_every_line_of_a_page_is_a_command_that_there_is(text_file):
    """Commands, options, choices, extras, targets, scripts; other languages have a reason."""
    for block in blocks_of(text_file):
        place = f"{NAMES[text_file]}:{block.line}"
        if block.language == SHELL:
            for words in commands_of(block):
                assert not fault_of(words), f"{place}: {' '.join(words)}: {fault_of(words)}"
        elif block.language == PYTHON:
            compile(block.text, place, "exec")
        else:
            assert block.language in SHOWN_ONLY, f"{place}: {block.language} is not run"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("tfmatting mate me.jpg", "no command mate"),
        ("tfmatting matte me.jpg -o a --backgrond blur", "unrecognized arguments"),
        ("python export.py --format caffe", "invalid choice"),
        ("python tools/draw_curve.py runs --colour red", "has no --colour"),
        ("python benchmarks/nothing.py", "no file"),
        ("pip install '.[everything]'", "no extra everything"),
        ("make coffee", "no target coffee"),
        ("rm -rf /", "neither run nor listed"),
    ],
)
def test_a_wrong_line_is_found(line, fault):
    (words,) = commands_of(Block(SHELL, line, 1))
    assert fault in fault_of(words)


def small(words: list[str]) -> list[str]:
    """A command at a size that takes seconds, in a folder that earlier ones have written to."""
    words = [STANDS_FOR.get(word, word) for word in words]
    if words[0] == "train" and "--resume" not in words:
        words += [flag for flag in ("--smoke", "--overwrite") if flag not in words]
    if words[0] == "export" and "--weights" not in words:
        words += ["--weights", "d.keras"]
    if words[0] == "prepare":
        words = ["4" if word == "100" else word for word in words]
        shutil.rmtree(words[words.index("-o") + 1], ignore_errors=True)
        if words[1] == "aisegment" and words[2] == "SRC":
            words[2] = "AISEG"
    return words


def run_python(text: str, names: dict) -> None:
    """Run a block; training in it takes a minute at most."""
    for missing, extra in (("convert", "torch"), ("matte_video", "av")):
        if f".{missing}(" in text and not importlib.util.find_spec(extra):
            pytest.skip(f"needs {extra}")
    exec(compile(text, "block", "exec"), names)


@pytest.mark.parametrize("text_file", runnable())
def test_the_code_of_a_page_runs(text_file, tmp_path, monkeypatch, request, samples):
    """From top to bottom, in a folder that has what the page names."""
    sandbox.fill(tmp_path)
    if is_heavy(text_file):
        models = (request.getfixturevalue(name) for name in ("tiny_checkpoint", "tiny_tflite"))
        sandbox.add_models(tmp_path, *models)
    if any(re.search(r"modnet\.keras\"|\bFILE\b", block.text) for block in blocks_of(text_file)):
        tfmatting.build("modnet", (64, 64)).save(tmp_path / "modnet.keras")
    monkeypatch.chdir(tmp_path)
    if is_heavy(text_file):
        small_training = functools.partial(tfmatting.train, smoke=True, overwrite=True)
        monkeypatch.setattr(tfmatting, "train", small_training)
    names = {"image": samples[0].image, "tfmatting": tfmatting}
    ran = 0
    for block in blocks_of(text_file):
        if block.language == PYTHON:
            run_python(block.text, names)
            ran += 1
        elif block.language == SHELL:
            for words in commands_of(block):
                if reason_not_to_run(words) is None:
                    own = small(own_command(words) or [])
                    assert main(own) == 0, f"{NAMES[text_file]}:{block.line}: tfmatting {own}"
                    ran += 1
    if not ran:
        pytest.skip("no line of it can run here; tests/docs/blocks.py and NOT_RUN have the reasons")
