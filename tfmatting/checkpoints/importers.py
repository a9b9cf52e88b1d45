"""The readers of foreign weights: a model's name -> the function that sets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tfmatting.checkpoints.deeplab_v3 import load_deeplab_v3
from tfmatting.checkpoints.deeplab_v3_plus import load_deeplab_v3_plus
from tfmatting.checkpoints.lfm import load_lfm
from tfmatting.checkpoints.modnet import load_modnet
from tfmatting.checkpoints.tnet import load_tnet
from tfmatting.checkpoints.unet import load_unet
from tfmatting.models.matting_model import MattingModel

Importer = Callable[[MattingModel, str | Path], MattingModel]
"""Sets a model's weights from a file and returns it, rebuilt where the file has another form."""

IMPORTERS: dict[str, Importer] = {
    "lfm": load_lfm,
    "tnet": load_tnet,
    "unet": load_unet,
    "deeplab_v3": load_deeplab_v3,
    "deeplab_v3_plus": load_deeplab_v3_plus,
    "modnet": load_modnet,
}
