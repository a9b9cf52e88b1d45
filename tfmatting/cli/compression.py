"""`train.py --quantize-aware` and `--prune`: a finished model trained on into a smaller one."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.errors import InputError

EPOCHS = 3
LEARNING_RATE = 1e-4
"""Where --epochs and --learning-rate say nothing else."""


def run_compression(arguments: argparse.Namespace) -> int:
    """Fine-tune, save the checkpoint, and the int8 file of quantization-aware training."""
    from tfmatting.cli.train import find_samples, resolve_recipe
    from tfmatting.datasets.backgrounds import read_backgrounds
    from tfmatting.models import load_model, save_model
    from tfmatting.training.checkpoints import BEST, claim_folder, find_checkpoint
    from tfmatting.training.compression.fine_tuning import (
        FineTuning,
        prune,
        quantize_aware,
        sparsity_of,
    )

    if arguments.quantize_aware and arguments.prune is not None:
        raise InputError("Give --quantize-aware or --prune: the second starts from the first's.")
    if arguments.resume:
        raise InputError("A fine-tuning is short and begins anew. Leave --resume out.")
    recipe = resolve_recipe(arguments)
    stage = recipe.stages[-1] if arguments.stage == "all" else recipe.stage(arguments.stage)
    weights = find_checkpoint(arguments.weights or arguments.output / recipe.model_name)
    model = load_model(weights, expect=recipe.model_name, input_size=arguments.input_size)
    name = "quantize_aware" if arguments.quantize_aware else "pruned"
    folder = arguments.output / recipe.model_name / name
    claim_folder(folder, resume=False, overwrite=arguments.overwrite, weights=weights)
    split = find_samples(arguments, recipe, folder)
    tuning = FineTuning(
        recipe,
        stage,
        split.train.sources,
        split.validation.sources,
        folder,
        arguments.epochs or EPOCHS,
        arguments.learning_rate or LEARNING_RATE,
        arguments.seed,
        read_backgrounds(arguments.backgrounds).train if arguments.backgrounds else (),
    )
    print(f"{recipe.model_name} / {name}: {tuning.epochs} epochs from {weights}, in {folder}")
    if arguments.prune is None:
        copy = quantize_aware(model, tuning)
        save_model(model, folder / BEST, stage=name)
        _write_int8(model, copy, tuning, folder / "int8.tflite")
    else:
        prune(model, tuning, arguments.prune)
        save_model(model, folder / BEST, stage=name)
        print(f"{sparsity_of(model):.1%} of the convolutions' weights are 0.")
    print(f"Checkpoint: {folder / BEST}. Next: python export.py --weights {folder / BEST}")
    return 0


def _write_int8(model, copy, tuning, path: Path) -> None:
    from tfmatting.exporting.exporter import compare
    from tfmatting.exporting.inputs import input_batches
    from tfmatting.exporting.photos import CALIBRATION_PHOTOS, check_photos
    from tfmatting.exporting.tflite.writer import write_quantized_copy
    from tfmatting.files import atomic_path, megabytes
    from tfmatting.inference.runtimes import open_runtime

    photos = [source.load().image for source in tuning.train[:CALIBRATION_PHOTOS]]
    index = tuning.outputs.index("alpha")
    with atomic_path(path) as temporary:
        write_quantized_copy(model, copy, index, temporary, input_batches(model, photos))
        runtime = open_runtime(temporary)
        comparison = compare(model, runtime, check_photos(photos), 1.0, megabytes(temporary))
    print(
        f"{path}: {comparison.megabytes:.2f} MB, alpha differs by {comparison.mean_difference:.2g} "
        f"from the float checkpoint's over {comparison.images} photos."
    )
