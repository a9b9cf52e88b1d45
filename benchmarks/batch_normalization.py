"""The time of a training step with the fused batch normalisation and with Keras' own.

Both networks are the recipe's and see the same noise. They take turns, and medians are compared.

    python benchmarks/batch_normalization.py --model tnet --recipe mobile --input-size 192,192
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tnet")
    parser.add_argument("--recipe", default="mobile")
    parser.add_argument("--input-size", default="192,192")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    from tfmatting.tensorflow_setup import import_tensorflow

    tf = import_tensorflow()
    import keras

    from tfmatting.config import parse_size
    from tfmatting.layers.normalization import BatchNormalization
    from tfmatting.models import build
    from tfmatting.training.recipes import find_recipe

    options = dataclasses.asdict(find_recipe(arguments.model, arguments.recipe).model)
    del options["input_size"]
    size = parse_size(arguments.input_size)
    images = tf.random.uniform((arguments.batch_size, *size, 3), maxval=255.0)

    def step_function():
        model = build(arguments.model, size, **options)
        optimizer = keras.optimizers.Adam()
        optimizer.build(model.trainable_variables)

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(model({"image": images}, training=True)["alpha"])
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            return loss

        float(step())  # traced while its normalisation is in place
        return step

    ways = {"fused": step_function()}
    BatchNormalization.call = keras.layers.BatchNormalization.call
    ways["Keras"] = step_function()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(arguments.rounds):
        for name, step in ways.items():
            start = time.perf_counter()
            float(step())
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, value in medians.items():
        print(f"{name:6} {value / arguments.batch_size * 1e3:7.1f} ms a photo")
    print(f"fused / Keras {medians['fused'] / medians['Keras']:.2f}")


if __name__ == "__main__":
    main()
