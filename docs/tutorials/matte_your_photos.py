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
# # Matte your photos
#
# From one photo to a folder of them: cut-outs, other backgrounds, the matte itself, its edge, and
# a table of what was done. It needs `pip install '.[demo]'` in a clone of the repository, and no
# TensorFlow.

# %%
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

import tfmatting

PHOTO = Path("photos/astronaut.jpg")  # put one of yours here
PHOTO.parent.mkdir(exist_ok=True)
if not PHOTO.exists():  # NASA's portrait of Eileen Collins, in the public domain
    Image.fromarray(data.astronaut()).save(PHOTO, quality=95)

# %% [markdown]
# ## One photo
#
# `cutout` returns the person's colours and opacity. The colours along the edge are estimated, so
# that no fringe of the old background shows on the new one.

# %%
cutout = tfmatting.cutout(PHOTO)
Image.fromarray(cutout).save("cutout.png")
print(cutout.shape, f"{cutout[..., 3].mean() / 255:.0%} of the photo is person")

# %% [markdown]
# ## Another background
#
# The word `blur` blurs the photo's own background; colours have CSS names or `#rrggbb`; a file
# name is a picture.

# %%
blurred = tfmatting.replace_background(PHOTO, "blur")
green = tfmatting.replace_background(PHOTO, "#2a6f4f")

# %% [markdown]
# ## The matte, and which model
#
# A predictor keeps the network loaded. Several models ship; compare them on *your* photos, where
# hair is difficult.

# %%
photo = np.array(Image.open(PHOTO).convert("RGB"))
mattes = {}
for name in ("portrait_fine", "portrait_lite"):
    mattes[name] = tfmatting.load(name).alpha(photo)
    print(name, mattes[name].dtype, mattes[name].shape, f"{mattes[name].mean():.3f}")
difference = np.abs(mattes["portrait_fine"] - mattes["portrait_lite"])
print(f"they differ by more than a tenth on {(difference > 0.1).mean():.1%} of the pixels")

# %% [markdown]
# ## The edge
#
# The network sees a small copy of the photo. A guided filter brings its matte to full size along
# the photo's edges; without it the matte is softer. The picture below shows hair at the photo's
# own pixels: photo, with the filter, without it.

# %%
plain = tfmatting.load("portrait_fine").alpha(photo)
soft = tfmatting.cutout(PHOTO, model="portrait_fine", refine=False)[..., 3] / 255
rows, columns = slice(10, 110), slice(140, 240)


def grey(alpha):
    return np.repeat(np.round(255 * alpha[..., None]).astype(np.uint8), 3, axis=2)


hair = np.hstack([photo[rows, columns], grey(plain[rows, columns]), grey(soft[rows, columns])])
Image.fromarray(hair).resize((1080, 360), Image.Resampling.NEAREST).save(
    "matte_your_photos_hair.png"
)

# %% [markdown]
# ![Hair: photo, matte with the guided filter, matte without](matte_your_photos_hair.png)
#
# And all that was made so far, on one sheet:

# %%
checkerboard = np.where(np.add(*np.indices(photo.shape[:2]) // 16)[..., None] % 2, 230, 180)
opacity = cutout[..., 3:] / 255
shown = (cutout[..., :3] * opacity + checkerboard * (1 - opacity)).astype(np.uint8)
sheet = np.hstack([photo, grey(mattes["portrait_fine"]), shown, blurred, green])
Image.fromarray(sheet).resize((1280, 256)).save("matte_your_photos.jpg", quality=90)

# %% [markdown]
# ![Photo, matte, cut-out, blurred background, plain background](matte_your_photos.jpg)
#
# ## A folder
#
# A broken photo does not stop the others: it is named and counted. The manifest has a row for each
# photo.

# %%
Image.fromarray(photo[:, ::-1]).save("photos/mirrored.png")
Path("photos/broken.jpg").write_bytes(PHOTO.read_bytes()[:2000])  # a photo that ends too early
report = tfmatting.matte_folder("photos", "cutouts", manifest="manifest.csv")
print(sorted(path.name for path in Path("cutouts").iterdir()))
print(Path("manifest.csv").read_text())

# %% [markdown]
# The same on the command line, for thousands of them, on all cores, continued where it stopped:
#
# ```
# tfmatting matte photos -o cutouts --recursive --resume --manifest manifest.csv
# ```
#
# Next: [the guide to photos](../guides/photos.md), or [your own network](train_for_a_phone.py).
