"""Images a second of training T-Net, here and in the loop of its PyTorch tutorial, in one run.

    python benchmarks/training_rate.py --size 192 --batch 16 --threads 2 [--data DIR]

The network, the batch, the size, the samples and the augmentation are the same, and so are the
threads. PyTorch reads through a DataLoader with as many processes as threads, and computes eagerly
in its own order of memory and with `channels_last`. `mobile` is the recipe that is advised here:
another network, for the same photos. Each way runs in a process of its own, and they take turns.
Needs the extra `torch`.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from comparison import table, write_json

from tfmatting.console import progress_bar

ROOT = Path(__file__).parents[1]
PYTORCH = {"PyTorch": False, "PyTorch, channels_last": True}
RECIPES = {"tfmatting, the same network": "original", "tfmatting, recipe mobile": "mobile"}
WAYS = (*PYTORCH, *RECIPES)


def pytorch_rates(folder: Path, arguments: argparse.Namespace, channels_last: bool) -> list[float]:
    """Seconds of each step of the tutorial's loop, loading included."""
    sys.path.insert(0, str(ROOT))
    import cv2
    import torch
    from loader import tutorial_item

    from tests.golden.make_tnet import Encoder, TNet
    from tfmatting.datasets.augmentation.augment import Augmentation
    from tfmatting.datasets.readers import find_layout

    cv2.setNumThreads(1)
    torch.set_num_threads(arguments.threads)
    sources = find_layout(folder, "pairs").read(folder).sources
    size, augmentation = (arguments.size, arguments.size), Augmentation()

    class Portraits(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return arguments.batch * (arguments.steps + 1)

        def __getitem__(self, index: int):
            source = sources[index % len(sources)]
            trimap = folder / "trimap" / f"{source.identifier}.png"
            return tutorial_item(source, trimap, augmentation, index, size)

    network = TNet(Encoder(), (16, 24, 32, 96, 320)).train()
    form = torch.channels_last if channels_last else torch.contiguous_format
    network = network.to(memory_format=form)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-5)
    batches = torch.utils.data.DataLoader(
        Portraits(), arguments.batch, shuffle=True, num_workers=arguments.threads
    )
    seconds, start = [], time.perf_counter()
    for images, trimaps, _ in batches:
        logits = network(images.to(memory_format=form))
        loss = torch.nn.functional.cross_entropy(logits, trimaps.argmax(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
    return seconds[1:]


def own_rates(folder: Path, arguments: argparse.Namespace, recipe_name: str) -> list[float]:
    """Seconds of each step of `fit`, with the batches of `train.py`."""
    from tfmatting.tensorflow_setup import import_tensorflow

    tensorflow = import_tensorflow()
    tensorflow.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    import keras

    from tfmatting.datasets.augmentation.augment import Augmentation
    from tfmatting.datasets.pipeline.dataset import make_dataset
    from tfmatting.datasets.readers import find_layout
    from tfmatting.imaging.resize import AREA
    from tfmatting.models import build
    from tfmatting.training.recipes import find_recipe
    from tfmatting.training.stage_data import pipeline_settings, with_targets
    from tfmatting.training.stages.compilation import compile_stage

    class Clock(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.times = [time.perf_counter()]

        def on_train_batch_end(self, batch, logs=None):
            self.times.append(time.perf_counter())

    recipe = find_recipe("tnet", recipe_name)
    config = {**dataclasses.asdict(recipe.model), "input_size": (arguments.size,) * 2}
    model = build("tnet", config.pop("input_size"), **config)
    recipe = dataclasses.replace(
        recipe,
        model=model.matting_config,
        batch_size=arguments.batch,
        augmentation=Augmentation(),
        resizing=AREA,
    )
    stage, clock = recipe.stages[0], Clock()
    compile_stage(model, stage, arguments.steps)
    settings = pipeline_settings(recipe, stage, model, seed=0)
    sources = find_layout(folder, "pairs").read(folder).sources
    batches = with_targets(make_dataset(sources, settings), model, stage)
    model.fit(batches, steps_per_epoch=arguments.steps + 1, verbose=0, callbacks=[clock])
    return [after - before for before, after in zip(clock.times[1:], clock.times[2:], strict=False)]


def rates(way: str, folder: Path, arguments: argparse.Namespace) -> list[float]:
    """Seconds of each step but the first, in this process."""
    if way in PYTORCH:
        return pytorch_rates(folder, arguments, PYTORCH[way])
    return own_rates(folder, arguments, RECIPES[way])


def prepare_samples(folder: Path, data: Path | None, count: int) -> None:
    """Write samples with trimaps as `prepare` does."""
    from tfmatting.datasets.preparation import Preparation, prepare
    from tfmatting.datasets.sources import read_all
    from tfmatting.datasets.synthesis import sample_listing

    listing = read_all(str(data)) if data else sample_listing(count, size=(800, 600))
    listing = dataclasses.replace(listing, sources=listing.sources[:count])
    prepare(listing, folder, Preparation(train_ratio=1.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--data", type=Path, help="image/ + alpha/; drawn samples if omitted")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(rates(arguments.way, arguments.folder, arguments)))
        return
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        prepare_samples(Path(folder), arguments.data, 8 * arguments.batch)
        for way in progress_bar([*WAYS] * arguments.rounds):
            words = [sys.executable, __file__, *sys.argv[1:], "--way", way, "--folder", folder]
            output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            seconds[way] += json.loads(output.strip().splitlines()[-1])
    figures = {way: arguments.batch / statistics.median(times) for way, times in seconds.items()}
    best = max(figures[way] for way in PYTORCH)
    rows = [[way, f"{rate:.2f}", f"{rate / best:.2f}"] for way, rate in figures.items()]
    print(f"T-Net at {arguments.size}x{arguments.size}, batch {arguments.batch}, ", end="")
    print(f"{arguments.threads} threads; ratio to the faster PyTorch loop")
    print(table(("loop", "images/s", "ratio"), rows))
    write_json(arguments.json, {way: rate / best for way, rate in figures.items()})


if __name__ == "__main__":
    main()
