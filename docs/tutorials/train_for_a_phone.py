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
# # Train T-Net on your data and put it on a phone
#
# From a folder of photos and masks to a file that MediaPipe runs on a phone. It needs `pip install
# '.[train]'`.
#
# The values below finish in a minute or two and teach the network little. For a network that is
# good, point `SOURCE` at some hundred photos with mattes, and use `INPUT_SIZE = (192, 192)`,
# `EPOCHS = None` (the recipe's own number) and `BACKBONE = "imagenet"`; that takes hours on two
# cores.

# %%
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import tfmatting

SOURCE = None  # a folder with image/ and alpha/; None draws samples
INPUT_SIZE = (64, 64)
EPOCHS = 4
BACKBONE = "none"


def command(words: list[str]) -> int:
    """Run `tfmatting WORDS`, as in a terminal; return the exit code."""
    return subprocess.run([sys.executable, "-m", "tfmatting", *words]).returncode


# %% [markdown]
# ## 1. The data
#
# `prepare` brings any [known layout](../../data/README.md) into one form, divides it into a part
# to train on and one to validate with, and looks at every file.

# %%
if SOURCE is None:
    command(["prepare", "sample", "-o", "source", "--count", "40"])
    SOURCE = "source"
command(["prepare", "lfm-lists" if SOURCE == "source" else "pairs", SOURCE, "-o", "data"])
print(sorted(path.name for path in Path("data").iterdir()))

# %% [markdown]
# Whatever cannot be used is in `report.csv`, with the reason. Read it before you train.

# %%
print(Path("data/report.csv").read_text()[:400])

# %% [markdown]
# ## 2. Train
#
# Recipe `mobile` is T-Net in the form that phones like: a stem of stride 2 and 192x192 pixels.

# %%
best = tfmatting.train(
    "tnet",
    recipe="mobile",
    data="data",
    input_size=INPUT_SIZE,
    epochs=EPOCHS,
    backbone_weights=BACKBONE,
    overwrite=True,
    report=print,
)

# %% [markdown]
# Look at the sample grids before you look at numbers: photo, prediction, truth. A wrong mask or a
# flipped class shows there first.

# %%
grids = sorted((best.parent / "grids").glob("*"))
print("photo, matte, truth and trimap; after so few epochs the network has learnt little")
picture = Image.open(grids[-1]).convert("RGB")
picture.crop((0, 0, picture.width, min(picture.height, picture.width))).save(
    "train_for_a_phone.jpg"
)

# %% [markdown]
# ![Photo, matte, truth and trimap after four epochs at 64x64](train_for_a_phone.jpg)
#
# ## 3. Measure
#
# On the part that training has not seen.

# %%
figures = tfmatting.evaluate(best, "data").means
print({name: round(float(value), 4) for name, value in figures.items()})

# %% [markdown]
# ## 4. Export
#
# `float16` for a phone's GPU, `int8` for its processor. Each file is loaded back in LiteRT and
# compared with Keras on real pixels; one that differs by more than the format allows is removed.

# %%
for precision in ("float16", "int8"):
    report = tfmatting.export(
        best, f"me_{precision}.tflite", precision=precision, calibration="data"
    )
    difference = report.comparison.mean_difference
    print(f"{report.path}: {report.megabytes:.2f} MB, alpha differs by {difference:.4f} on average")

# %% [markdown]
# ## 5. Will the phone take it?
#
# `lint` compares the operators with those that the GPU delegate accepts. Exit code 0 means ready.

# %%
print("exit code", command(["lint", "me_float16.tflite", "--target", "gpu"]))
command(["benchmark", "--model", "me_float16.tflite", "me_int8.tflite", "--threads", "2"])

# %% [markdown]
# The files should agree with each other, too:

# %%
photo = np.array(Image.open(next(Path("data/image").iterdir())).convert("RGB"))
alphas = [tfmatting.load(f"me_{name}.tflite").alpha(photo) for name in ("float16", "int8")]
print(f"mean difference of alpha: {np.abs(alphas[0] - alphas[1]).mean():.4f}")

# %% [markdown]
# ## 6. On the phone
#
# The file carries its own metadata, so MediaPipe's ImageSegmenter takes it unchanged. Put it in
# the app's `assets/`; [phones](../phones.md) has the code in Kotlin and Swift. Time it there:
# figures of a desktop say little about a phone.
#
# ```
# tfmatting benchmark --model me_int8.tflite --device adb
# ```
#
# If 8 bits cost too much quality, [quantize](../guides/quantize.md) goes on from here.
