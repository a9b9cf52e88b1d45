"""The arguments of `train.py`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tfmatting.cli.arguments import positive, size
from tfmatting.cli.mask_arguments import add_ignore
from tfmatting.training.distribution.names import STRATEGIES

FRAMES = "unlabelled images or a video, for stages that learn from them (soc)"
STRATEGY = "all GPUs of this machine (mirrored), or the workers of TF_CONFIG; single when omitted"
SYNCHRONIZED = "batch norm takes the statistics of all replicas, not of each one's part"
RAY = "Ray cluster for the runs of a stage that averages several: local, auto or HOST:PORT"
QUANTIZE = "fine-tune a finished model for 8-bit weights and write its int8 file"
PRUNE = "fine-tune a finished model while this fraction of its weights becomes 0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add("--model", default="lfm", metavar="NAME", help="a model of the registry")
    add("--recipe", metavar="NAME", help="a recipe of the model; its first when omitted")
    add("--stage", metavar="NAME|all", help="a stage of the model's; all when omitted")
    add("--data", metavar="DIR|sample", help="a data set; drawn samples when omitted")
    add("--backgrounds", metavar="DIR", help="images without people; every third is held back")
    add("--frames", type=Path, metavar="DIR|VIDEO", help=FRAMES)
    add("--input-size", type=size, metavar="H,W")
    add("--batch-size", type=positive, metavar="N")
    add("--epochs", type=positive, metavar="N")
    add("--learning-rate", type=float, metavar="X")
    add("--seed", type=int, metavar="N", help="0 when omitted")
    add("--output", type=Path, default=Path("runs"), metavar="DIR")
    add("--weights", type=Path, metavar="FILE|RUN", help="a checkpoint to start from")
    add("--backbone-weights", metavar="imagenet|none|FILE")
    add("--classes", type=positive, metavar="N", help="of the masks; segmenters only")
    add_ignore(parser)
    add("--wandb", metavar="PROJECT", help="also log to Weights & Biases")
    add("--strategy", choices=STRATEGIES, help=STRATEGY)
    add("--synchronized-batch-norm", action="store_true", help=SYNCHRONIZED)
    add("--ray", metavar="ADDRESS", help=RAY)
    add("--quantize-aware", action="store_true", help=QUANTIZE)
    add("--prune", type=float, metavar="SPARSITY", help=PRUNE)
    add("--resume", action="store_true", help="continue the last run in --output")
    add("--overwrite", action="store_true", help="replace an earlier run in --output")
    add(
        "--smoke",
        action="store_true",
        help="a one-minute run that only shows that everything works",
    )
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="any setting of the recipe")
