"""A finished model trained on into a smaller one, by quantization-aware training or pruning."""

from __future__ import annotations

from pathlib import Path

import keras
import tf_keras

from tfmatting.errors import InputError
from tfmatting.exporting.exporter import compare
from tfmatting.exporting.inputs import input_batches
from tfmatting.exporting.photos import CALIBRATION_PHOTOS, check_photos, shrunk_image
from tfmatting.exporting.tflite.writer import write_quantized_copy
from tfmatting.files import atomic_path, megabytes
from tfmatting.inference.runtimes import open_runtime
from tfmatting.models import load_model, save_model
from tfmatting.models.checkpoints import ALL_STAGES, BEST, find_checkpoint
from tfmatting.training.compression.fine_tuning import FineTuning
from tfmatting.training.compression.pruning import prune, sparsity_of
from tfmatting.training.compression.quantization import quantize_aware
from tfmatting.training.data import Progress, find_data
from tfmatting.training.folders import check_folder, clear_folder
from tfmatting.training.options import TrainingOptions
from tfmatting.training.resolve import Report, ResolvedRun, resolve_recipe

QUANTIZE_AWARE, PRUNED = "quantize_aware", "pruned"
EPOCHS = 3
LEARNING_RATE = 1e-4
"""Where the options say nothing else."""


def compress(
    options: TrainingOptions,
    output: Path,
    *,
    sparsity: float | None,
    overwrite: bool,
    report: Report,
    progress: Progress | None,
) -> Path:
    """Fine-tune a finished model; quantization-aware training also writes its int8 file.

    Args:
        options: as for a run; `weights` is the model to begin with, or else the newest in the
            output folder.
        output: the folder of runs.
        sparsity: fraction of the weights to prune; None trains with eight bits in mind.
        overwrite: replace an earlier run.
        report: receives lines for the user.
        progress: wraps the inspection of the samples.

    Returns:
        The checkpoint.
    """
    if sparsity is not None and not 0 < sparsity < 1:
        raise InputError(f"Sparsity lies between 0 and 1. Received: {sparsity}.")
    recipe = resolve_recipe(options)
    stage = (
        recipe.stages[-1] if options.stage in (None, ALL_STAGES) else recipe.stage(options.stage)
    )
    weights = find_checkpoint(options.weights or output / recipe.model_name)
    model = load_model(weights, expect=recipe.model_name, input_size=options.input_size)
    name = QUANTIZE_AWARE if sparsity is None else PRUNED
    folder = output / recipe.model_name / name
    check_folder(folder, resume=False, overwrite=overwrite, weights=weights)
    run = ResolvedRun(options, recipe, (stage.name,), folder.parent, weights)
    data = find_data(run, report, progress)
    clear_folder(folder, resume=False)
    tuning = FineTuning(
        recipe,
        stage,
        data.train,
        data.validation,
        folder,
        options.epochs or EPOCHS,
        options.learning_rate or LEARNING_RATE,
        report,
        run.seed,
        data.backgrounds,
    )
    report(f"{recipe.model_name} / {name}: {tuning.epochs} epochs from {weights}, in {folder}")
    return tune(model, tuning, sparsity)


def tune(model: keras.Model, tuning: FineTuning, sparsity: float | None = None) -> Path:
    """Fine-tune a model and write what came of it into the folder.

    Args:
        model: a finished one; it is changed.
        tuning: the samples and the settings.
        sparsity: see `compress`.

    Returns:
        The checkpoint; without sparsity `int8.tflite` lies beside it.
    """
    if sparsity is None:
        copy = quantize_aware(model, tuning)
        save_model(model, tuning.folder / BEST, stage=QUANTIZE_AWARE)
        tuning.report(_write_int8(model, copy, tuning, tuning.folder / "int8.tflite"))
    else:
        prune(model, tuning, sparsity)
        save_model(model, tuning.folder / BEST, stage=PRUNED)
        tuning.report(f"{sparsity_of(model):.1%} of the convolutions' weights are 0.")
    return tuning.folder / BEST


def _write_int8(model: keras.Model, copy: tf_keras.Model, tuning: FineTuning, path: Path) -> str:
    """Write the int8 file, and say how far its alpha is from the checkpoint's."""
    size = model.matting_config.input_size
    photos = [shrunk_image(source, size) for source in tuning.train[:CALIBRATION_PHOTOS]]
    index = tuning.outputs.index("alpha")
    with atomic_path(path) as temporary:
        write_quantized_copy(model, copy, index, temporary, input_batches(model, photos))
        comparison = compare(model, open_runtime(temporary), check_photos(photos))
    return (
        f"{path}: {megabytes(path):.2f} MB, alpha differs by {comparison.mean_difference:.2g} "
        f"from the float checkpoint's over {comparison.images} photos."
    )
