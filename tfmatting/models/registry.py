"""The table of models and the builder over it."""

from __future__ import annotations

import dataclasses
from typing import Any

from tfmatting.config import Size, check_multiple
from tfmatting.errors import InputError
from tfmatting.models.spec import ModelSpec

REGISTRY: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="lfm",
            module="tfmatting.models.lfm",
            build="build_lfm",
            config="LFMConfig",
            inputs=("image",),
            outputs=("alpha", "foreground", "background", "fusion_weight"),
            training_outputs=("foreground_sides", "background_sides"),
            original_nodes={
                "foreground": "deFG_side_0_out/ResizeNearestNeighbor",
                "background": "deBG_side_0_out/ResizeNearestNeighbor",
                "fusion_weight": "fusion_sigmoid_output/Sigmoid",
            },
            recipe="tfmatting.training.recipes.lfm",
            importer=("tfmatting.checkpoints.lfm", "load_lfm"),
            default_size=(512, 512),
            paper="Zhang et al., A Late Fusion CNN for Digital Matting, CVPR 2019",
            licence="Apache-2.0; the original code states none",
        ),
        ModelSpec(
            name="tnet",
            module="tfmatting.models.tnet",
            build="build_tnet",
            config="TNetConfig",
            inputs=("image",),
            outputs=("alpha", "trimap"),
            recipe="tfmatting.training.recipes.tnet",
            importer=("tfmatting.checkpoints.tnet", "load_tnet"),
            default_size=(320, 320),
            paper="MobileNetV2 + U-Net trimap segmentation, after Chen et al., Semantic Human "
            "Matting, ACM MM 2018",
            licence="Apache-2.0",
        ),
        ModelSpec(
            name="unet",
            module="tfmatting.models.unet",
            build="build_unet",
            config="UNetConfig",
            inputs=("image",),
            outputs=("alpha", "classes"),
            recipe="tfmatting.training.recipes.unet",
            importer=("tfmatting.checkpoints.unet", "load_unet"),
            default_size=(320, 320),
            paper="Ronneberger et al., U-Net, MICCAI 2015, after milesial/Pytorch-UNet",
            licence="Apache-2.0; the original's code GPL-3.0",
        ),
        ModelSpec(
            name="deeplab_v3",
            module="tfmatting.models.deeplab_v3",
            build="build_deeplab_v3",
            config="DeepLabV3Config",
            inputs=("image",),
            outputs=("alpha", "classes"),
            recipe="tfmatting.training.recipes.deeplab_v3",
            importer=("tfmatting.checkpoints.deeplab_v3", "load_deeplab_v3"),
            default_size=(320, 320),
            paper="Chen et al., Rethinking Atrous Convolution, 2017",
            licence="Apache-2.0; torchvision's code BSD-3-Clause",
            training_outputs=("auxiliary",),
        ),
        ModelSpec(
            name="deeplab_v3_plus",
            module="tfmatting.models.deeplab_v3_plus",
            build="build_deeplab_v3_plus",
            config="DeepLabV3PlusConfig",
            inputs=("image",),
            outputs=("alpha", "classes"),
            recipe="tfmatting.training.recipes.deeplab_v3_plus",
            importer=("tfmatting.checkpoints.deeplab_v3_plus", "load_deeplab_v3_plus"),
            default_size=(512, 512),
            paper="Chen et al., Encoder-Decoder with Atrous Separable Convolution, ECCV 2018",
            licence="Apache-2.0; the original code states MIT",
        ),
        ModelSpec(
            name="modnet",
            module="tfmatting.models.modnet",
            build="build_modnet",
            config="MODNetConfig",
            inputs=("image",),
            outputs=("alpha", "detail", "semantic"),
            recipe="tfmatting.training.recipes.modnet",
            importer=("tfmatting.checkpoints.modnet", "load_modnet"),
            default_size=(512, 512),
            paper="Ke et al., MODNet, AAAI 2022",
            licence="Apache-2.0, as the original's code",
        ),
    )
}


def find(name: str) -> ModelSpec:
    """Return a model's row.

    Raises:
        ValueError: an unknown name; the known ones are listed.
    """
    if name not in REGISTRY:
        raise InputError(f"No model named {name!r}. Known: {', '.join(REGISTRY)}.")
    return REGISTRY[name]


def validated_config(name: str, input_size: Size | None = None, **options: Any):
    """Make a model's configuration, refusing unknown options and sizes its stride forbids."""
    spec = find(name)
    config_type = spec.config_type()
    known = {field.name for field in dataclasses.fields(config_type)}
    unknown = sorted(set(options) - known)
    if unknown:
        raise InputError(
            f"Model {name!r} has no option {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
    config = config_type(input_size=tuple(input_size or spec.default_size), **options)
    check_multiple(config.input_size, config.stride)
    return config


def build(name: str, input_size: Size | None = None, **options: Any):
    """Build a model of the registry with random weights.

    Args:
        name: a name of the registry ("tnet").
        input_size: (height, width), a multiple of the model's stride; its default if omitted.
        **options: fields of the model's configuration dataclass.

    Returns:
        A functional `keras.Model`: `{"image": [B, H, W, 3] RGB 0..255} -> {"alpha":
        float32 [B, H, W, 1] in [0, 1], ...}`, with its configuration as `matting_config`.

    Raises:
        ValueError: unknown model or option, or a size the model cannot take.
    """
    config = validated_config(name, input_size, **options)
    model = find(name).builder()(config)
    model.matting_config = config
    return model
