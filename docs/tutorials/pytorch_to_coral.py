# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # From PyTorch weights to a Coral
#
# A `.pth` of the original T-Net becomes a Keras model, learns a little from your photos, and is
# written in 8 bits for the Edge TPU. It needs `pip install '.[train,torch]'`. With
# `SMOKE = True` training sees a few drawn samples; put your photos into `DATA` and take `False`.

# %%
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

import tfmatting
from tfmatting.checkpoints.tnet import layer_names

WEIGHTS = Path("tnet.pth")
DATA = "sample"
SMOKE = True
INPUT_SIZE = (64, 64) if SMOKE else (320, 320)


def command(words: list[str]) -> int:
    """Run `tfmatting WORDS`, as in a terminal; return the exit code."""
    return subprocess.run([sys.executable, "-m", "tfmatting", *words]).returncode


# %% [markdown]
# ## Weights
#
# Without a `tnet.pth`, this cell writes one that stands in: the original's names and shapes with
# untrained values.

# %%
PARTS = {"kernel": "weight", "gamma": "weight", "beta": "bias", "bias": "bias"}
PARTS |= {"moving_mean": "running_mean", "moving_variance": "running_var"}
if not WEIGHTS.exists():
    untrained = tfmatting.build("tnet")
    state = {}
    for layer, module in layer_names().items():
        for variable in untrained.get_layer(layer).variables:
            value = np.asarray(variable)
            if value.ndim == 4:  # Keras has height, width, in, out; PyTorch out, in, height, width
                depthwise = "depthwise" in layer
                value = value.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
            state[f"{module}.{PARTS[variable.name]}"] = torch.from_numpy(value.copy())
    torch.save({"tnet": state}, WEIGHTS)
print(f"{len(torch.load(WEIGHTS, weights_only=True)['tnet'])} tensors")

# %% [markdown]
# ## To Keras
#
# Every tensor must find its place: missing, surplus and wrongly shaped ones are listed, and
# nothing is written. Code in a `.pth` is never run. The network stays in the original's form, so
# its answers equal PyTorch's within 1e-3.

# %%
tfmatting.convert(WEIGHTS, "tnet", "tnet.keras", input_size=INPUT_SIZE)
print(tfmatting.load_model("tnet.keras").count_params(), "parameters")

# %% [markdown]
# ## Your photos
#
# Fine-tune before you go to 8 bits: a network that has seen your photos has activations in a range
# that 8 bits can hold.

# %%
best = tfmatting.train(
    "tnet",
    recipe="original",
    data=DATA,
    weights="tnet.keras",
    smoke=SMOKE,
    overwrite=True,
    report=print,
)

# %% [markdown]
# ## For the Edge TPU
#
# It computes in integers, so calibration on real photos decides the ranges. `target="edgetpu"`
# takes the form of the network whose enlargements the chip can do.

# %%
report = tfmatting.export(
    best, "coral.tflite", precision="int8", target="edgetpu", calibration=DATA
)
print(
    f"{report.path}: alpha differs from Keras by {report.comparison.mean_difference:.6f} on average"
)
print("lint's exit code:", command(["lint", "coral.tflite", "--target", "edgetpu"]))

# %% [markdown]
# `lint` compares the file with Google's published list of operators. The compiler itself runs on
# x86-64 Debian or Ubuntu:

# %%
if shutil.which("edgetpu_compiler"):
    subprocess.run(["edgetpu_compiler", "-s", "-o", "build", "coral.tflite"], check=True)
else:
    print("Not installed here: edgetpu_compiler -s -o build coral.tflite")

# %% [markdown]
# One subgraph and every operator `Mapped to Edge TPU` is what you want to read; [Coral Edge
# TPU](../guides/coral.md) explains each line. On the computer with the stick:
#
# ```
# tfmatting matte photos -o cutouts --model build/coral_edgetpu.tflite --delegate libedgetpu.so.1
# ```
#
# ## Before the compiler
#
# The same file runs on any processor, which shows what 8 bits cost without a board:

# %%
for file in (best, "coral.tflite"):
    means = tfmatting.evaluate(file, DATA).means
    print(file, {name: round(float(means[name]), 4) for name in ("mad", "iou")})
