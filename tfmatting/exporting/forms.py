"""The form of a network that an export asks for: one branch, other corners, any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfmatting.errors import InputError
from tfmatting.exporting.formats import EXPORT_TARGETS, RESIZABLE, ExportFormat

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Form:
    """What the export changes about the network; see `tfmatting.export`."""

    target: str = "any"
    low_resolution: bool = False
    resizable: bool = False

    def check(self, row: ExportFormat, precision: str) -> None:
        """Refuse a form that the format cannot hold.

        Raises:
            InputError: an unknown target, or a format or precision without this form.
        """
        received = f"{row.format} in {precision}"
        if self.target not in EXPORT_TARGETS:
            raise InputError(
                f"A target is {' or '.join(EXPORT_TARGETS)}. Received: {self.target!r}."
            )
        if self.target == "edgetpu" and (row.name, precision) != ("tflite", "int8"):
            raise InputError(
                f"An Edge TPU takes tflite in int8 only. Received: {received}. Give "
                "--precision int8."
            )
        if self.resizable and (row.name != "tflite" or precision not in RESIZABLE):
            raise InputError(
                f"Files of any size are tflite in {', '.join(RESIZABLE)}. Received: {received}. "
                "Leave --resizable out."
            )

    def apply(self, model: keras.Model, report: Callable[[str], None]) -> keras.Model:
        """Return the model in this form, its weights unchanged.

        Raises:
            InputError: a model that does not have the form.
        """
        from tfmatting.models import variants

        if self.low_resolution:
            model = variants.low_resolution_only(model)
        if self.target == "edgetpu":
            if not hasattr(model.matting_config, "corner"):
                raise InputError(
                    f"An Edge TPU takes enlargements that align corners. Received: {model.name}, "
                    "whose enlargements are fixed. Export another model, such as a T-Net."
                )
            trained, model = model, variants.with_edge_tpu_corners(model)
            if model is not trained:
                report(
                    "Enlargements align corners now, which the model was not trained with. Train "
                    "with --set model.corner=align_corners to avoid the difference."
                )
        return variants.with_any_size(model) if self.resizable else model
