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
# # LFM in three stages, to OpenCV in C++
#
# Late fusion: one decoder finds what is surely foreground (F), another what is surely background
# (B), and a third network weighs the two. The three are trained one after the other, and the
# result runs in a C++ program that has nothing but OpenCV. It needs `pip install '.[train]'` in a
# clone of the repository.
#
# With `SMOKE = True` each stage sees a few samples, which shows that everything works and teaches
# the network little. `SMOKE = False` is recipe `light` as it is, half an hour on two cores;
# [LFM](../models/lfm.md) has the paper's recipe.

# %%
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import tfmatting
from tfmatting.datasets.synthesis import sample_listing

DATA = "sample"  # or a folder of photos and mattes
SMOKE = True
REPOSITORY = Path(tfmatting.__file__).parents[1]  # the C++ client is in a clone

# %% [markdown]
# ## Stage by stage
#
# `classifier` trains the encoder and both decoders, `fusion` the fusion network alone, `joint`
# everything but the batch normalization. Each starts from the best checkpoint of the one before.
# `stage="joint"` alone would train all three; here they are named, to look at each.

# %%
checkpoints = {}
for stage in ("classifier", "fusion", "joint"):
    checkpoints[stage] = tfmatting.train(
        "lfm",
        recipe="light",
        stage=stage,
        data=DATA,
        smoke=SMOKE,
        overwrite=True,
    )
    print(stage, checkpoints[stage])

# %% [markdown]
# ## What the network says beside alpha
#
# A checkpoint still has F, B and the weight that fusion gives to F. The file for OpenCV will not:
# exports leave out what only training reads.

# %%
photo = sample_listing(1, seed=7, size=(128, 128)).sources[0].load().image
Image.fromarray(photo).save("person.png")
tfmatting.matte_folder(
    ["person.png"], "seen", model=checkpoints["joint"], show="alpha", outputs=True
)
names = sorted(path.name for path in Path("seen").iterdir())
print(names)
pictures = [photo] + [
    np.array(Image.open(Path("seen", name)).convert("RGB").resize((128, 128))) for name in names
]
Image.fromarray(np.hstack(pictures)).save("lfm_to_opencv.png")

# %% [markdown]
# `lfm_to_opencv.png` has them side by side, after the photo, in the order that the cell prints.
#
# ## To OpenCV
#
# A frozen graph. The export loads it in OpenCV and compares its alpha with Keras.

# %%
report = tfmatting.export(checkpoints["joint"], "lfm.pb", format="pb")
print(
    f"{report.path}: alpha differs from Keras by {report.comparison.mean_difference:.6f} on average"
)

# %% [markdown]
# OpenCV in Python reads it as the C++ program will: plain RGB pixels in, `alpha` out.

# %%
network = cv2.dnn.readNetFromTensorflow("lfm.pb")
height, width = tfmatting.load_model(checkpoints["joint"]).get_layer("image").output.shape[1:3]
small = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)
network.setInput(cv2.dnn.blobFromImage(small), "image")
alpha = network.forward("alpha").squeeze()
expected = tfmatting.load("lfm.pb", refine=False).alpha(small)
print(alpha.shape, f"largest difference from tfmatting: {np.abs(alpha - expected).max():.1e}")
assert np.abs(alpha - expected).max() < 1e-3

# %% [markdown]
# ## C++
#
# The client is [examples/opencv_cpp](../../examples/opencv_cpp/matting.cpp), a hundred lines. This
# cell builds it where CMake, a compiler and OpenCV's headers are (`apt-get install cmake g++
# libopencv-dev`).

# %%
client = REPOSITORY / "examples" / "opencv_cpp"
if shutil.which("cmake"):
    configured = subprocess.run(["cmake", "-S", client, "-B", "build"], capture_output=True)
    if configured.returncode == 0:
        subprocess.run(["cmake", "--build", "build"], check=True, capture_output=True)
        files = ["lfm.pb", "person.png", "matte.png", "composite.png"]
        subprocess.run(["build/matting", *files], check=True)
        matte = cv2.imread("matte.png", cv2.IMREAD_GRAYSCALE) / 255
        ours = tfmatting.load("lfm.pb", refine=False).alpha(photo)
        print(f"mean difference from tfmatting: {np.abs(matte - ours).mean():.4f}")
    else:
        print("OpenCV's headers are missing: apt-get install libopencv-dev")
else:
    print("CMake is missing: apt-get install cmake g++ libopencv-dev")

# %% [markdown]
# [OpenCV in C++](../guides/opencv.md) says more of pixels and formats.
