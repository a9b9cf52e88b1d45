"""Trains a model, stage by stage: the one call behind `train.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tfmatting.config import Size
from tfmatting.errors import InputError
from tfmatting.tensorflow_setup import import_tensorflow
from tfmatting.training.compression import import_compression
from tfmatting.training.distribution.names import SINGLE
from tfmatting.training.options import (
    TrainingOptions,
    check_names,
    has_run,
    read_options,
    write_options,
)


def train(
    model: str = "lfm",
    *,
    recipe: str | None = None,
    stage: str | None = None,
    data: str | Path | None = None,
    backgrounds: str | Path | None = None,
    frames: str | Path | None = None,
    input_size: Size | None = None,
    batch_size: int | None = None,
    epochs: int | None = None,
    learning_rate: float | None = None,
    seed: int | None = None,
    output: str | Path = "runs",
    weights: str | Path | None = None,
    backbone_weights: str | None = None,
    classes: int | None = None,
    ignored: int | None = None,
    settings: Mapping[str, str] | None = None,
    quantize_aware: bool = False,
    prune: float | None = None,
    resume: bool = False,
    overwrite: bool = False,
    smoke: bool = False,
    wandb: str | None = None,
    strategy: str | None = None,
    synchronized_batch_norm: bool = False,
    ray: str | None = None,
    report: Callable[[str], None] | None = None,
    progress: Callable[..., Iterable] | None = None,
) -> Path:
    """Train a model.

    Each stage leaves `best.keras`, `last.keras`, `config.json`, `history.csv`, sample grids and
    TensorBoard logs in `OUTPUT/MODEL/STAGE`. A stage that builds upon an earlier one starts from
    that stage's checkpoint; missing stages are trained first.

    Args:
        model: a name of the registry.
        recipe: a recipe of the model; its first when None.
        stage: a stage of the recipe, or "all" (the default).
        data: a data set's folder in a known layout, or "sample" for drawn samples (the default).
        backgrounds: a folder of images without people; every third is held back for evaluation.
        frames: images or a video without truth, for stages that learn from them.
        input_size: (height, width); the recipe's when None.
        batch_size: the recipe's when None.
        epochs: of each stage; the recipe's when None.
        learning_rate: the recipe's when None.
        seed: of weights, order and augmentation; 0 by default.
        output: the folder of runs.
        weights: a checkpoint or a run's folder to start from.
        backbone_weights: "imagenet", "none", or a file.
        classes: of the masks; segmenters only.
        ignored: the number of a mask that states no class, where it is not 255.
        settings: any setting of the recipe by its dotted name, as text:
            `{"stages.supervised.optimization.name": "sgd"}`.
        quantize_aware: train a finished model on with eight bits in mind, and write its int8 file.
        prune: train a finished model on while this fraction of its weights becomes 0.
        resume: continue the run in `output`; what is given now comes on top of its options. Where
            no run began, one begins.
        overwrite: replace an earlier run in `output`.
        smoke: a run of a minute that only shows that everything works.
        wandb: a Weights & Biases project to log to; "" stops logging when a run is resumed.
        strategy: "single" (the default), "mirrored" for all GPUs of this machine, or
            "multi-worker" for the workers of `TF_CONFIG`, each of which makes this call. Batches
            are what they are on one device, and divided.
        synchronized_batch_norm: batch norm takes the statistics of all replicas together.
        ray: the address of a Ray cluster ("local", "auto" or "host:port") that trains the runs of
            stages that average several at the same time. Every node sees data and folders at the
            same paths.
        report: receives lines for the user, such as `print`. Without it nothing is shown, Keras'
            progress included.
        progress: wraps the inspection of the samples, as `tqdm` does.

    Returns:
        The best checkpoint of the last stage.

    Raises:
        InputError: an unknown name, a value out of range, data or weights that do not fit, or a
            folder that holds a run.
        MissingFileError: no such data or weights.
        DivergenceError: the loss became NaN or infinite.
        WorkerLostError: another worker has gone.
        MissingExtraError: TensorFlow is not installed.

    Example:
        >>> import tfmatting
        >>> best = tfmatting.train("tnet", recipe="mobile", smoke=True, epochs=1)
        >>> best.as_posix()
        'runs/tnet/supervised/best.keras'
    """
    options = TrainingOptions(
        model=model,
        recipe=recipe,
        stage=stage,
        data=_text(data),
        backgrounds=_text(backgrounds),
        frames=_text(frames),
        input_size=input_size,
        batch_size=batch_size,
        epochs=epochs,
        learning_rate=learning_rate,
        seed=seed,
        weights=_text(weights),
        backbone_weights=backbone_weights,
        classes=classes,
        ignored=ignored,
        wandb=wandb,
        strategy=strategy,
        synchronized_batch_norm=synchronized_batch_norm,
        smoke=smoke,
        settings=dict(settings or {}),
    )
    output, report = Path(output), report or _discard
    if quantize_aware or prune is not None:
        if quantize_aware and prune is not None:
            raise InputError(
                "Give --quantize-aware or --prune: the second starts from the first's."
            )
        if (strategy or SINGLE) != SINGLE or synchronized_batch_norm or ray:
            raise InputError(
                "A fine-tuning computes on one device. Leave --strategy and --ray out."
            )
        if resume:
            raise InputError("A fine-tuning is short and begins anew. Leave --resume out.")
        check_names(options)
        return import_compression().compress(
            options,
            output,
            sparsity=prune,
            overwrite=overwrite,
            report=report,
            progress=progress,
        )
    if resume and not has_run(output / model):
        report(f"Nothing to resume under {output / model}: the run starts from its beginning.")
    elif resume:
        options = options.on_top_of(read_options(output / model))
    check_names(options)
    if ray and (options.strategy or SINGLE) != SINGLE:
        raise InputError(
            "--ray trains whole runs at the same time, --strategy divides each batch. Leave one of "
            "them out."
        )
    import_tensorflow()
    from tfmatting.training.data import find_data
    from tfmatting.training.distribution.distribution import open_distribution
    from tfmatting.training.folders import check_folder, clear_folder, holds_run
    from tfmatting.training.resolve import check_runs, resolve
    from tfmatting.training.stages_in_order import check_start, train_stages

    devices = open_distribution(
        options.strategy,
        synchronized_batch_norm=options.synchronized_batch_norm,
        report=report,
    )
    if not devices.chief:
        report, progress = _discard, None
    with devices.agreement.losing_workers():
        with devices.agreement.failing_together():
            run = resolve(options, output, report)
            if ray:
                check_runs(run)
        with devices.agreement.failing_together():
            if devices.chief:
                for folder in run.stage_folders:
                    check_folder(folder, resume=resume, overwrite=overwrite, weights=run.weights)
            samples = find_data(run, report, progress, writes=devices.chief)
            if devices.chief:
                if overwrite and any(map(holds_run, run.stage_folders)):
                    check_start(run)  # what is removed cannot be had back
                for folder in run.stage_folders:
                    clear_folder(folder, resume=resume)
                write_options(run.folder, run.options, run.describe())
        return train_stages(
            run, samples, resume=resume, report=report, distribution=devices, cluster=ray
        )


def _text(value: str | Path | None) -> str | None:
    return None if value is None else str(value)


def _discard(line: str) -> None:
    """Ignore text for the user: the library itself prints nothing."""
