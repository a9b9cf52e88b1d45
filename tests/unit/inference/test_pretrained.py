"""The table of what ships is what ships, and what the README says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tfmatting.exporting.formats import PRECISIONS
from tfmatting.files import megabytes
from tfmatting.inference.pretrained import DEFAULT, PRETRAINED, SHIPPED, shipped_models
from tfmatting.inference.pretrained_table import END, START, markdown_table
from tfmatting.inference.runtimes import open_runtime
from tfmatting.models.spec import SPECS

README = Path(__file__).parents[3] / "README.md"


@pytest.mark.parametrize("row", PRETRAINED.values(), ids=lambda row: row.name)
def test_a_row_says_what_its_file_is(row):
    assert row.model in SPECS and row.precision in PRECISIONS
    assert row.megabytes == round(megabytes(row.file), 2)
    assert row.checkpoint.is_file()
    runtime = open_runtime(row.file)
    assert runtime.input_size == row.input_size
    inputs = {"image": np.zeros((1, *row.input_size, 3), np.uint8)}
    if "prior_alpha" in runtime.input_names:
        inputs["prior_alpha"] = np.zeros((1, *row.input_size, 1), np.float32)
    alpha = runtime.run(inputs)["alpha"]
    assert alpha.shape == (1, *row.input_size, 1)


def test_every_file_that_ships_has_a_row():
    rows = PRETRAINED.values()
    files = {row.file for row in rows} | {row.checkpoint for row in rows}
    assert files == set(SHIPPED.glob("*.tflite")) | set(SHIPPED.glob("*.keras"))
    assert next(iter(shipped_models())) == DEFAULT


def test_the_readme_has_the_table():
    text = README.read_text(encoding="utf-8")
    assert START in text and END in text
    block = text.split(START)[1].split(END)[0].strip()
    assert block == markdown_table()


@pytest.mark.parametrize("threads", [0, -1, 100_000, "2", 1.5])
def test_threads_are_a_number_that_a_system_can_start(threads):
    with pytest.raises(ValueError, match=r"whole number from 1 to 512. Received: "):
        open_runtime(SHIPPED / "portrait_lite.tflite", threads)
