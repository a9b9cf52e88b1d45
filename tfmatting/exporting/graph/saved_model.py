"""SavedModel with serving signatures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import tensorflow as tf

from tfmatting.exporting.graph.orientation import exif_orientation, upright
from tfmatting.exporting.inputs import IMAGE, input_specifications
from tfmatting.inference.runtimes import Tensors

Signature = tuple[Callable, list]
"""A function, and the specification of its arguments."""


def write_saved_model(
    model: keras.Model, path: Path, precision: str, calibration: Sequence[Tensors]
) -> None:
    """Write a folder for TensorFlow Serving, with up to three signatures.

    - `serving_default`: `image` uint8 [B, h, w, 3] of the network's size -> all outputs.
    - `photos`: `image` uint8 [B, H, W, 3] of any size -> `alpha` float32 [B, H, W, 1] of that size.
    - `encoded`: `image`, the bytes of one JPEG or PNG file, a scalar or [1] (a REST request's
      "instances") -> `alpha` float32 [1, H, W, 1]. A JPEG is turned upright as its EXIF says;
      height and width are those of the upright photo.

    The last two exist for models that take an image alone.
    """
    signatures = {"serving_default": network_signature(model, None, tf.uint8, model.output_names)}
    if list(model.input) == [IMAGE]:
        signatures["photos"] = _photos_signature(model)
        signatures["encoded"] = _encoded_signature(model)
    save(model, path, signatures)


def save(model: keras.Model, path: Path | str, signatures: dict[str, Signature]) -> None:
    """Write a model's weights and the given signatures."""
    archive = keras.export.ExportArchive()
    archive.track(model)
    for name, (function, specification) in signatures.items():
        archive.add_endpoint(name, function, input_signature=specification)
    archive.write_out(str(path), verbose=False)


def network_signature(
    model: keras.Model, batch_size: int | None, image_type: tf.DType, outputs: Sequence[str]
) -> Signature:
    """Return the signature of the network itself, whose height and width are fixed."""

    def serve(inputs):
        floats = {name: tf.cast(value, tf.float32) for name, value in inputs.items()}
        predicted = model(floats, training=False)
        return {name: predicted[name] for name in outputs}

    return serve, [input_specifications(model, batch_size, image_type)]


def _photos_signature(model: keras.Model) -> Signature:
    specification = tf.TensorSpec((None, None, None, 3), tf.uint8, name=IMAGE)
    return lambda inputs: {"alpha": _alpha_of_any_size(model, inputs[IMAGE])}, [
        {IMAGE: specification}
    ]


def _encoded_signature(model: keras.Model) -> Signature:
    specification = tf.TensorSpec(None, tf.string, name=IMAGE)  # type: ignore[arg-type]

    def serve(inputs):
        contents = tf.reshape(inputs[IMAGE], ())
        photo = tf.io.decode_image(contents, channels=3, expand_animations=False)
        photo = tf.ensure_shape(photo, (None, None, 3))
        photo = upright(photo, exif_orientation(contents))
        return {"alpha": _alpha_of_any_size(model, photo[None])}

    return serve, [{IMAGE: specification}]


def _alpha_of_any_size(model: keras.Model, photos):
    """Shrink the photos by averaging, predict alpha, and enlarge it by cubic interpolation."""
    size = model.matting_config.input_size
    small = tf.image.resize(tf.cast(photos, tf.float32), size, antialias=True)
    alpha = model({IMAGE: small}, training=False)["alpha"]
    large = tf.image.resize(alpha, tf.shape(photos)[1:3], method="bicubic")
    return tf.clip_by_value(large, 0.0, 1.0)
