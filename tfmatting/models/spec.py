"""What is known of every model without building it: one row a model, plain data.

The builders stand beside it in `tfmatting.models.registry`, the recipes in
`tfmatting.training.recipes`, the readers of foreign weights in `tfmatting.checkpoints.importers`.
Tests hold every row against the built model and its recipe.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tfmatting.config import Size
from tfmatting.errors import InputError


@dataclass(frozen=True)
class ModelSpec:
    """One row of `SPECS`.

    Attributes:
        name: as on the command line.
        inputs: names of the model's inputs.
        outputs: names of the model's outputs; "alpha" is always one.
        default_size: (height, width) when none is asked for.
        trainable_parameters: of the model as `build(name)` makes it.
        stages: the stages of its first recipe, in order.
        paper: the source.
        licence: of the original's code, or of the idea where only a paper exists.
        training_outputs: further outputs that only losses look at; exports leave them out.
        original_nodes: output -> its node's name in the graphs of the original's own clients.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    default_size: Size
    trainable_parameters: int
    stages: tuple[str, ...]
    paper: str
    licence: str
    training_outputs: tuple[str, ...] = ()
    original_nodes: dict[str, str] = field(default_factory=dict)


SPECS: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="lfm",
            inputs=("image",),
            outputs=("alpha", "foreground", "background", "fusion_weight"),
            training_outputs=("foreground_sides", "background_sides"),
            original_nodes={
                "foreground": "deFG_side_0_out/ResizeNearestNeighbor",
                "background": "deBG_side_0_out/ResizeNearestNeighbor",
                "fusion_weight": "fusion_sigmoid_output/Sigmoid",
            },
            default_size=(512, 512),
            trainable_parameters=37_667_913,
            stages=("classifier", "fusion", "joint"),
            paper="Zhang et al., A Late Fusion CNN for Digital Matting, CVPR 2019",
            licence="Apache-2.0; the original code states none",
        ),
        ModelSpec(
            name="tnet",
            inputs=("image",),
            outputs=("alpha", "trimap"),
            default_size=(320, 320),
            trainable_parameters=2_228_387,
            stages=("supervised",),
            paper="MobileNetV2 + U-Net trimap segmentation, after Chen et al., Semantic Human "
            "Matting, ACM MM 2018",
            licence="Apache-2.0",
        ),
        ModelSpec(
            name="unet",
            inputs=("image",),
            outputs=("alpha", "classes"),
            default_size=(320, 320),
            trainable_parameters=31_037_698,
            stages=("supervised",),
            paper="Ronneberger et al., U-Net, MICCAI 2015, after milesial/Pytorch-UNet",
            licence="Apache-2.0; the original's code GPL-3.0",
        ),
        ModelSpec(
            name="deeplab_v3",
            inputs=("image",),
            outputs=("alpha", "classes"),
            training_outputs=("auxiliary",),
            default_size=(320, 320),
            trainable_parameters=39_633_986,
            stages=("supervised",),
            paper="Chen et al., Rethinking Atrous Convolution, 2017",
            licence="Apache-2.0; torchvision's code BSD-3-Clause",
        ),
        ModelSpec(
            name="deeplab_v3_plus",
            inputs=("image",),
            outputs=("alpha", "classes"),
            default_size=(512, 512),
            trainable_parameters=5_813_266,
            stages=("supervised",),
            paper="Chen et al., Encoder-Decoder with Atrous Separable Convolution, ECCV 2018",
            licence="Apache-2.0; the original code states MIT",
        ),
        ModelSpec(
            name="modnet",
            inputs=("image",),
            outputs=("alpha", "detail", "semantic"),
            default_size=(512, 512),
            trainable_parameters=6_487_075,
            stages=("supervised", "soc"),
            paper="Ke et al., MODNet, AAAI 2022",
            licence="Apache-2.0, as the original's code",
        ),
    )
}


def find(name: str) -> ModelSpec:
    """Return a model's row.

    Raises:
        InputError: an unknown name; the known ones are listed.
    """
    if name not in SPECS:
        raise InputError(f"No model named {name!r}. Known: {', '.join(SPECS)}.")
    return SPECS[name]
