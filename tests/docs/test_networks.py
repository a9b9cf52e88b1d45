"""The pictures of the networks are those of the networks."""

from __future__ import annotations

import importlib.util
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tfmatting.models.spec import SPECS

ROOT = Path(__file__).parents[2]
QUICK = "tnet"


@pytest.fixture(scope="module")
def tool():
    pytest.importorskip("keras", reason="networks are built by Keras (the extra train)")
    path = ROOT / "tools" / "draw_networks.py"
    spec = importlib.util.spec_from_file_location("draw_networks", path)
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == QUICK else [pytest.mark.slow]) for name in SPECS],
)
def test_the_picture_is_up_to_date(name, tool):
    path = ROOT / "docs" / "models" / f"{name}.svg"
    drawn = tool.draw(name)
    assert path.read_text(encoding="utf-8") == drawn, f"python tools/draw_networks.py {name}"
    ElementTree.fromstring(drawn)


def test_a_changed_network_is_drawn_otherwise(tool, monkeypatch):
    import tfmatting

    narrow = tfmatting.build("tnet", width=0.5)
    monkeypatch.setattr(tfmatting, "build", lambda name: narrow)
    assert tool.draw("tnet") != (ROOT / "docs/models/tnet.svg").read_text(encoding="utf-8")


def test_every_layer_is_in_a_box_and_every_output_is_named(tool, tiny_tnet):
    boxes = tool.boxes_of(tiny_tnet)
    counted = sum(layer.count_params() for layer in tiny_tnet.layers)
    assert sum(box.parameters for box in boxes.values()) == counted
    assert {name for box in boxes.values() for name in box.outputs} == set(tiny_tnet.output)
