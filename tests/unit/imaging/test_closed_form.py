import numpy as np
import pytest

from tfmatting.imaging.closed_form import refine_mask
from tfmatting.imaging.compositing import blend

pytest.importorskip("pymatting")


def test_a_hardened_edge_becomes_soft_again():
    y, x = np.mgrid[:60, :60]
    true = np.clip((20 - np.hypot(y - 30, x - 30)) / 8 + 0.5, 0, 1).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 3, (60, 60, 3))
    light = np.clip(220 + noise, 0, 255).astype(np.uint8)
    dark = np.clip(30 + noise, 0, 255).astype(np.uint8)
    image = blend(light, dark, true)
    mask = np.where(true >= 0.5, 255, 0).astype(np.uint8)
    refined = refine_mask(image, mask, 15)
    before, after = np.abs(mask / 255 - true).mean(), np.abs(refined / 255 - true).mean()
    assert after < 0.35 * before
    assert refined[30, 30] == 255 and refined[0, 0] == 0
