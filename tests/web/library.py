"""Calls of the page's library from Python, with arrays."""

from __future__ import annotations

import base64

import numpy as np

# Chromium gives typed arrays back as objects; bytes travel as base64
_HELPERS = """
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const text = (array) => {
  const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let result = "";
  for (let at = 0; at < view.length; at += 32768) {
    result += String.fromCharCode(...view.subarray(at, at + 32768));
  }
  return btoa(result);
};
const picture = ({width, height, data}) =>
  new ImageData(new Uint8ClampedArray(bytes(data)), width, height);
"""


def evaluate(page, body: str, **values):
    """Run `body`, the inside of an async function of `Matting` and `values`."""
    script = (
        "async (values) => {" + _HELPERS + 'const { Matting } = await import("/tfmatting.js");'
        f"const {{ {', '.join(values)} }} = values;" + body + "}"
    )
    return page.evaluate(script, values)


def packed(array: np.ndarray) -> str:
    """Bytes of an array for `bytes(...)` in the script."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def picture(image: np.ndarray) -> dict:
    """A photo, uint8 [H, W, 3], for `picture(...)` in the script."""
    opaque = np.full(image.shape[:2] + (1,), 255, np.uint8)
    rgba = np.concatenate([image, opaque], axis=-1)
    return {"width": image.shape[1], "height": image.shape[0], "data": packed(rgba)}


def unpacked(text: str, dtype, shape) -> np.ndarray:
    """What `text(...)` of the script gave."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)
