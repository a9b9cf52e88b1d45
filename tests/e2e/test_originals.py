"""Every command of docs/from_the_originals.md, in order, at a small size, in an empty folder."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.e2e.originals import (
    commands,
    furnish,
    sections,
    smaller,
    write_aisegment,
    write_masks,
    write_weights,
)

AISEGMENT = {"T-Net for background blur": "Matting_Human_Half", "LFM": "data"}
"""Where those sections have AISegment's folders; the others have imgs/ and masks/ in data/."""
WEIGHTS = {
    "T-Net for background blur": ("results/tnet.pth", "tnet"),
    "DeepLabV3 for portraits": (
        "checkpoints/checkpoint_epoch150.pth",
        "deeplab_v3_mobilenet_v3_large",
    ),
    "DeepLabV3+ with MobileNetV2": ("model_data/deeplab_mobilenetv2.pth", "deeplab_v3_plus_16"),
    "LFM": ("logs/classifier_fusion_0020.h5", "lfm"),
    "MODNet on a board": ("modnet_photographic_portrait_matting.ckpt", "modnet_3"),
}


OUTPUT = ("-o", "--output")


def test_every_section_is_run():
    assert list(sections()) == list(WEIGHTS)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("section", WEIGHTS)
def test_the_commands_of_a_section_run_one_after_the_other(section, tmp_path, command, monkeypatch):
    pytest.importorskip("torch", reason="PyTorch is an extra")
    furnish(tmp_path)
    if section in AISEGMENT:
        write_aisegment(tmp_path / AISEGMENT[section])
    else:
        write_masks(tmp_path / "data")
    path, network = WEIGHTS[section]
    write_weights(tmp_path / path, network)
    monkeypatch.chdir(tmp_path)
    failures = []
    for words in commands(sections()[section]):
        code, out, err = command(*smaller(words))
        output = next((b for a, b in itertools.pairwise(words) if a in OUTPUT), None)
        if code:
            failures.append((words, err))
        elif output and not Path(output).exists():
            failures.append((words, f"no {output}: {out}"))
    assert not failures
