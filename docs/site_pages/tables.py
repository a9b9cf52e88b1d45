"""Pages of the tables that the code reads: export formats, data layouts, targets, models."""

from __future__ import annotations

from tfmatting.datasets.readers import LAYOUTS, Layout
from tfmatting.exporting.compatibility.targets import TARGETS, GraphTarget, ONNXTarget, Target
from tfmatting.exporting.formats import (
    CALIBRATED,
    FORMAT_NAMES,
    FORMATS,
    RESIZABLE,
    SLOW,
    markdown_table,
)
from tfmatting.inference import pretrained_table
from tfmatting.models.spec import SPECS, ModelSpec


def formats_page() -> str:
    """The export formats, each with its section, and the rules of precisions."""
    lines = ["# Export formats", "", markdown_table(), ""]
    lines += [
        "A file is loaded back in its runtime and compared with the Keras model. One whose alpha "
        "differs by more than the number in brackets, on average, is removed.",
        "",
        f"- Calibrated on photos (`--calibration`): {_codes(CALIBRATED)}.",
        f"- With a size that the client chooses (`--resizable`, `tflite`): {_codes(RESIZABLE)}.",
        *(f"- `{name}`: {reason}." for name, reason in SLOW.items()),
    ]
    for name in FORMAT_NAMES:
        rows = [row for row in FORMATS.values() if row.format == name]
        suffix = f"a file `*{rows[0].suffix}`" if rows[0].suffix else "a folder"
        lines += ["", f"## {name}", "", f"Writes {suffix}."]
        for row in rows:
            lines += ["", f"`--preprocessing {row.preprocessing}`, loaded back in {row.runtime}:"]
            lines += ["", "| precision | mean difference of alpha allowed |", "|---|---|"]
            lines += [f"| `{key}` | {value:g} |" for key, value in row.tolerances.items()]
    return "\n".join(lines)


def layouts_page() -> str:
    """The layouts of data sets that are read as they are, in the order of their detection."""
    lines = [
        "# Data layouts",
        "",
        "`--data DIR` takes a folder of any of these layouts. The first one that a folder matches "
        "is read; `tfmatting prepare LAYOUT` names one.",
    ]
    for layout in LAYOUTS.values():
        lines += ["", f"## {layout.name}", "", f"{_code_paths(layout)}."]
        lines += ["", f"- Recognised by: {_marks(layout)}."]
        own = "its own lists or folders" if layout.parts else "folders of the parts, if any"
        lines += [f"- Divided into parts by {own}."]
    return "\n".join(lines)


def targets_page() -> str:
    """The accelerators that `lint` knows, with the operators that each accepts."""
    lines = [
        "# Accelerators",
        "",
        "`tfmatting lint FILE --target NAME` compares a file with these published lists. Nothing "
        "runs on the device.",
        "",
        "| `--target` | accelerator | reads |",
        "|---|---|---|",
    ]
    lines += [
        f"| [`{target.name}`](#{target.name}) | {target.title} | `{target.suffix}` |"
        for target in TARGETS.values()
    ]
    for target in TARGETS.values():
        lines += ["", f"## {target.name}", "", f"{target.title}. Source: {target.source}.", ""]
        lines += _rules(target)
    return "\n".join(lines)


def models_table() -> str:
    """One row a model, with a link to its page."""
    lines = [
        "| `--model` | trainable parameters | input | stages | source |",
        "|---|---|---|---|---|",
    ]
    for spec in SPECS.values():
        height, width = spec.default_size
        lines.append(
            f"| [`{spec.name}`]({spec.name}.md) | {spec.trainable_parameters:,} | "
            f"{height}x{width} | {', '.join(spec.stages)} | {spec.paper} |"
        )
    return "\n".join(lines)


def model_facts(spec: ModelSpec) -> str:
    """What the registry says of one model."""
    height, width = spec.default_size
    rows = {
        "source": spec.paper,
        "trainable parameters": f"{spec.trainable_parameters:,}",
        "input (height x width)": f"{height}x{width}",
        "outputs": _codes(spec.outputs),
        "outputs of training": _codes(spec.training_outputs),
        "stages": ", ".join(spec.stages),
        "licence": spec.licence,
    }
    lines = [f"| {title} | {text} |" for title, text in rows.items() if text]
    return "\n".join([f"| name | `{spec.name}` |", "|---|---|", *lines])


def pretrained_figures() -> str:
    """The models that ship, beside MediaPipe's selfie model."""
    return pretrained_table.markdown_table()


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _code_paths(layout: Layout) -> str:
    """The description; angle brackets and stars of paths would be read as Markdown."""
    return layout.description.replace("*", "\\*").replace("[", "\\[").replace("_", "\\_")


def _marks(layout: Layout) -> str:
    if callable(layout.marks):
        return "the names of its folders and files"
    return _codes(layout.marks)


def _rules(target: Target) -> list[str]:
    """The limits of a target, then its operators."""
    if isinstance(target, ONNXTarget):
        limits = [f"- Opset {target.opset} or lower."]
        for attribute, values in target.resize.items():
            limits.append(f"- `Resize`, `{attribute}`: {_codes(tuple(sorted(values)))}.")
        return [*limits, "", f"Operators: {_codes(tuple(sorted(target.operators)))}."]
    if isinstance(target, GraphTarget):
        limits = ["- Batch normalization as in inference; sizes of enlargements are constants."]
        listed = f"Operators: {_codes(tuple(sorted(target.operators)))}."
        return [*(limits if target.inference_only else []), "", listed]
    limits = ["- Every tensor inside has 8 or 32 bits."] if target.integers else []
    if target.one_graph:
        limits.append("- Everything after the first operator that is refused runs on the host.")
    for operator, count in target.largest.items():
        limits.append(f"- `{operator}`: an input of at most {count:,} elements.")
    rows = [f"| `{name}` | {version} |" for name, version in sorted(target.versions.items())]
    return [*limits, "", "| operator | newest version |", "|---|---|", *rows]
