"""The page of the public names, whose docstrings mkdocstrings renders; and the examples."""

from __future__ import annotations

from pathlib import Path

import tfmatting
from tfmatting import errors

JOBS = {
    "Cut out": ("cutout", "replace_background", "matte_folder", "matte_video"),
    "Load and run": ("load", "Predictor"),
    "Train and measure": ("train", "evaluate"),
    "Export and convert": ("export", "convert"),
    "Build and save models": ("build", "MattingModel", "save_model", "load_model"),
    "Errors": ("TfmattingError",),
    "Version": ("__version__",),
}
"""Heading -> the public names below it; a name without a heading comes last."""
LANGUAGES = {".py": "python", ".cpp": "cpp", ".txt": "cmake"}


def api_page() -> str:
    """One section a public name, grouped by job."""
    headed = {name for names in JOBS.values() for name in names}
    others = tuple(name for name in tfmatting.__all__ if name not in headed)
    groups = JOBS | ({"More": others} if others else {})
    lines = ["# Python", "", "Everything here is a name of `tfmatting`. Importing the package "]
    lines[-1] += "imports neither TensorFlow nor a runtime; names are looked up when used."
    for heading, names in groups.items():
        lines += ["", f"## {heading}"]
        for name in names:
            lines += ["", f"::: tfmatting.{name}"]
            if name == tfmatting.TfmattingError.__name__:
                lines += [f"\n::: tfmatting.errors.{kind}" for kind in kinds_of_errors()]
    return "\n".join(lines)


def kinds_of_errors() -> list[str]:
    """Names of the classes below `TfmattingError`, in the order of their definition."""
    base = errors.TfmattingError
    return [
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, base) and kind is not base
    ]


def model_options(name: str, module: Path) -> str:
    """The options and recipes of a model, from the docstrings of its two files.

    Args:
        name: of the registry.
        module: the model's file, to find the name of its configuration class.
    """
    text = module.read_text(encoding="utf-8")
    config = next(
        line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("class ")
    )
    return "\n".join(
        [
            "## Options",
            "",
            f"Of `tfmatting.build({name!r}, ...)` and, as `--set model.NAME=VALUE`, of training.",
            "",
            f"::: tfmatting.models.{name}.{config}",
            "    options:",
            "      members: []",
            "      heading_level: 3",
            "      merge_init_into_class: true",
            "      show_bases: false",
        ]
    )


def examples(root: Path) -> list[Path]:
    """The examples of a repository, in order of their paths."""
    return sorted(path for path in (root / "examples").rglob("*") if path.suffix in LANGUAGES)


def anchor(example: Path) -> str:
    """The anchor of an example's section."""
    return example.name.lower().replace(".", "-")


def examples_page(root: Path) -> str:
    """The source of every example of a repository, one section each."""
    lines = ["# Examples", "", "Small programs that are complete; the tests run each of them."]
    for path in examples(root):
        source = path.read_text(encoding="utf-8").rstrip()
        lines += ["", f"## {path.name} {{ #{anchor(path)} }}", ""]
        lines += [f"`{path.relative_to(root).as_posix()}`", ""]
        lines += [f"````{LANGUAGES[path.suffix]}", source, "````"]
    return "\n".join(lines)
