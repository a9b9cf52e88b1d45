"""A stage put on a model: what learns, what is minimised, by which optimizer."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfmatting.backbones.membership import in_backbone
from tfmatting.errors import InputError
from tfmatting.losses.ignored import leave_out, mean_over_known
from tfmatting.ops.overlap import iou
from tfmatting.training.stages.schedules import learning_rate
from tfmatting.training.stages.stage import Optimization, Stage


def compile_stage(model: keras.Model, stage: Stage, steps: int, average_decay: float = 0.0) -> None:
    """Give the model the stage's optimizer, losses and metrics.

    Args:
        model: frozen where it is to be.
        stage: its schedule, losses and metrics.
        steps: an epoch.
        average_decay: of an average of the weights that the optimizer keeps; 0 for none.
    """
    unknown = sorted(set(stage.losses) - set(model.output_names))
    if unknown:
        raise InputError(
            f"Stage {stage.name!r} has losses on {unknown}; the model gives {model.output_names}."
        )
    rate = learning_rate(stage.schedule, stage.epochs, steps)
    if stage.plateau:
        if stage.schedule.kind != "constant":
            raise InputError("A plateau lowers a constant rate. Set the schedule's kind to it.")
        rate = stage.schedule.learning_rate
    optimizer = make_optimizer(stage.optimization, rate, average_decay)
    penalize(model, stage.optimization.weight_penalty)
    model.compile(
        optimizer=optimizer,
        loss={name: weighted_sum(terms) for name, terms in stage.losses.items()},
        metrics=_metrics(stage),
        jit_compile="auto" if may_compile() else False,  # type: ignore[arg-type]
    )
    model.optimizer.build(model.trainable_variables)


def freeze(model: keras.Model, stage: Stage) -> None:
    """Make the stage's layers trainable, and freeze all others.

    A frozen batch normalisation neither learns nor follows statistics: Keras runs it as in
    inference.

    Raises:
        InputError: nothing is left to learn, or there is no backbone to freeze.
    """
    backbone = [layer for layer in model.layers if in_backbone(layer)]
    if stage.freeze_backbone and not backbone:
        raise InputError(
            f"`freeze_backbone` needs a model with an encoder. Received: {model.name}."
        )
    for layer in model.layers:
        learns = layer.name.startswith(stage.trainable)
        if stage.frozen and layer.name.startswith(stage.frozen):
            learns = False
        if stage.freeze_backbone and in_backbone(layer):
            learns = False
        if isinstance(layer, keras.layers.BatchNormalization):
            learns = learns and not stage.freeze_normalization
            layer.fixed_statistics = stage.fix_statistics
        layer.trainable = learns
    if not model.trainable_variables:
        raise InputError(f"Stage {stage.name!r} leaves nothing to learn in {model.name!r}.")


def penalize(model: keras.Model, factor: float) -> None:
    """Add `factor` times the mean square of each array that learns to the loss.

    Scales and offsets of batch normalisations are left out.
    """
    for layer in model.layers:
        normalizes = isinstance(layer, keras.layers.BatchNormalization)
        for variable in layer.trainable_variables:
            wanted = factor and not normalizes
            variable.regularizer = MeanSquare(factor) if wanted else None


@keras.saving.register_keras_serializable("tfmatting")
class MeanSquare(keras.regularizers.Regularizer):
    """`factor` times the mean square of an array."""

    def __init__(self, factor: float):
        self.factor = factor

    def __call__(self, x):
        return self.factor * ops.mean(ops.square(x))

    def get_config(self):
        return {"factor": self.factor}


def _metrics(stage: Stage) -> dict[str, list]:
    metrics: dict[str, list] = {
        "alpha": [
            keras.metrics.MeanMetricWrapper(alpha_iou, name="iou"),
            keras.metrics.MeanMetricWrapper(alpha_mad, name="mad"),
        ],
    }
    for output, functions in stage.metrics.items():
        metrics.setdefault(output, []).extend(functions)
    return metrics


def alpha_iou(true, predicted):
    """IoU of alpha, which is the first channel of every truth that alpha is compared with."""
    return iou(*leave_out(true[..., :1], predicted))


def alpha_mad(true, predicted):
    """Mean absolute difference of alpha, likewise."""
    return mean_over_known(ops.abs(true[..., :1] - predicted), true)


def make_optimizer(
    settings: Optimization, rate, average_decay: float = 0.0
) -> keras.optimizers.Optimizer:
    """Make a Keras optimizer, which averages the weights itself where a decay is given."""
    common: dict[str, Any] = {"learning_rate": rate, "weight_decay": settings.weight_decay or None}
    if average_decay:
        common |= {"use_ema": True, "ema_momentum": average_decay}
    if settings.clip_norm:
        common["global_clipnorm"] = settings.clip_norm
    if settings.name in ("adam", "adamw"):
        optimizer = keras.optimizers.Adam(beta_2=settings.beta_2, **common)
    elif settings.name == "sgd":
        optimizer = keras.optimizers.SGD(momentum=settings.momentum, **common)
    elif settings.name == "rmsprop":
        optimizer = keras.optimizers.RMSprop(momentum=settings.momentum, **common)
    else:
        raise InputError(
            f"An optimizer is adam, adamw, sgd or rmsprop. Received: {settings.name!r}."
        )
    if settings.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def weighted_sum(terms):
    """One loss function of (weight, function) pairs, without pixels that have no stated truth."""

    def total(true, predicted):
        true, predicted = leave_out(true, predicted)
        return sum(weight * function(true, predicted) for weight, function in terms)

    return total


def has_replicas() -> bool:
    """Whether models that are built here have replicas on several devices."""
    import tensorflow as tf

    return tf.distribute.has_strategy()


def may_compile() -> bool:
    """Whether XLA serves: TensorFlow's is ten times slower on the CPU, and not for replicas."""
    return keras.backend.backend() != "tensorflow" or (has_gpu() and not has_replicas())


def has_gpu() -> bool:
    """Whether the backend sees a GPU."""
    if keras.backend.backend() != "tensorflow":
        return any(name.startswith(("gpu", "cuda")) for name in keras.distribution.list_devices())
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
