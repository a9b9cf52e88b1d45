"""`tfmatting benchmark`."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from tfmatting.cli.arguments import positive, size
from tfmatting.console import progress_bar

ON_A_PHONE = """On an Android phone LiteRT's own benchmark binary times a .tflite file:
  adb push benchmark_model model.tflite /data/local/tmp/
  adb shell chmod +x /data/local/tmp/benchmark_model
  adb shell /data/local/tmp/benchmark_model --graph=/data/local/tmp/model.tflite \\
      --num_threads=4 --warmup_runs=5 --num_runs=50
  GPU: add --use_gpu=true (float files). NNAPI: add --use_nnapi=true (int8 files).
  The binary (android_aarch64) is on the LiteRT performance page of ai.google.dev/edge."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add = parser.add_argument
    add(
        "--model",
        nargs="+",
        default=["portrait"],
        metavar="FILE",
        help="files of any format, or models that ship; ratios are to the first",
    )
    add("--photo", type=Path, metavar="FILE", help="time from this photo to its alpha")
    add("--input-size", type=size, metavar="H,W", help="for models that take any")
    add("--threads", type=positive, help="of the processor; all when omitted")
    add("--rounds", type=positive, default=40, help="timed runs of each model")
    add("--json", type=Path, metavar="FILE", help="write the figures there")
    add("-o", "--output", type=Path, metavar="FILE.png", help="draw them as bars there")
    add("--device", choices=("here", "adb"), default="here", help="adb: print how to, and stop")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    if arguments.device == "adb":
        print(ON_A_PHONE)
        return 0
    from tfmatting.evaluation.latency import measure, table
    from tfmatting.files import write_text
    from tfmatting.imaging.io import read_image

    results = measure(
        arguments.model,
        photo=read_image(arguments.photo) if arguments.photo else None,
        input_size=arguments.input_size,
        threads=arguments.threads,
        rounds=arguments.rounds,
        progress=progress_bar,
    )
    timed = f"from {arguments.photo} to its alpha" if arguments.photo else "the network alone"
    print(f"{timed}, {arguments.rounds} rounds, threads: {arguments.threads or 'all'}")
    print(table(results))
    if arguments.json:
        entries = [dataclasses.asdict(entry) for entry in results]
        write_text(arguments.json, json.dumps(entries, indent=2) + "\n")
    if arguments.output:
        from tfmatting.evaluation.latency_picture import write_bars

        write_bars(results, arguments.output)
    return 0
