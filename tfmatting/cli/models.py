"""`tfmatting models`: the registry."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none."""


def run(arguments: argparse.Namespace) -> int:
    """Print a row for each model: name, weights, size, stages; then what ships."""
    from tfmatting.inference import shipped_models
    from tfmatting.tensorflow_setup import import_tensorflow

    import_tensorflow()
    from tfmatting.models import REGISTRY, build
    from tfmatting.training.recipes import find_recipe

    print(f"{'name':16} {'trainable':>11} {'input':>9}  stages")
    for name, spec in REGISTRY.items():
        model = build(name)
        trainable = sum(
            int(variable.value.shape.num_elements()) for variable in model.trainable_variables
        )
        stages = ", ".join(stage.name for stage in find_recipe(name).stages)
        height, width = spec.default_size
        print(f"{name:16} {trainable:11,} {f'{height},{width}':>9}  {stages}")
        print(f"{'':16} {spec.paper}")
    for name, path in shipped_models().items():
        print(f"ships: {name} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0
