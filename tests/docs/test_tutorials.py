"""The tutorials run from an empty folder, and make the pictures that their pages show."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from site_pages import tutorials

ROOT = Path(__file__).parents[2]
TUTORIALS = tutorials.tutorials(ROOT)
PICTURE = re.compile(r"!\[[^\]]*\]\(([\w.]+)\)")
QUICK = "matte_your_photos"
"""Takes seconds; the others train."""
NEEDS = {"pytorch_to_coral": "torch"}


def cases() -> list:
    return [
        pytest.param(path, id=path.stem, marks=[] if path.stem == QUICK else [pytest.mark.slow])
        for path in TUTORIALS
    ]


@pytest.mark.parametrize("path", cases())
def test_a_tutorial_runs_and_makes_its_pictures(path, tmp_path):
    package = NEEDS.get(path.stem)
    if package and not importlib.util.find_spec(package):
        pytest.skip(f"needs {package}")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"}
    result = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr[-3000:]
    for name in PICTURE.findall(path.read_text(encoding="utf-8")):
        made, shown = (pixels(folder / name) for folder in (tmp_path, path.parent))
        assert made.shape == shown.shape, name
        if path.stem == QUICK:  # no weights are drawn: the picture follows from the package
            assert np.abs(made - shown).mean() < 4, f"{name} is not what the tutorial makes"


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture, np.int16)


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_s_page_and_notebook_have_all_of_it(path):
    pytest.importorskip("jupytext", reason="needs the extra docs")
    page = tutorials.tutorial_page(path)
    notebook = json.loads(tutorials.tutorial_notebook(path))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert page.startswith("# ") and len(sources) > 8
    assert all(source in page for source in sources)
    assert tutorials.tutorial_notebook(path) == tutorials.tutorial_notebook(path)


def test_the_index_names_every_tutorial():
    index = (ROOT / tutorials.FOLDER / "index.md").read_text(encoding="utf-8")
    assert all(f"({path.name})" in index for path in TUTORIALS)
