"""The pages of the tutorials, from their Python files; and the notebooks that readers take away."""

from __future__ import annotations

from pathlib import Path

FOLDER = "docs/tutorials"
FORMAT = "py:percent"


def tutorials(root: Path) -> list[Path]:
    """The tutorials of a repository, in order of their names."""
    return sorted((root / FOLDER).glob("*.py"))


def tutorial_page(path: Path) -> str:
    """A tutorial's text and code as Markdown, with links to the file and to the notebook."""
    cells = _read(path).cells
    parts = [
        cell.source if cell.cell_type == "markdown" else f"````python\n{cell.source}\n````"
        for cell in cells
    ]
    links = (
        f"[Python file]({path.name}){{ download }} · [notebook]({path.stem}.ipynb){{ download }}"
    )
    return "\n\n".join([parts[0], links, *parts[1:]]) + "\n"


def tutorial_notebook(path: Path) -> str:
    """A tutorial as a Jupyter notebook, without outputs."""
    import jupytext

    notebook = _read(path)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"  # else drawn anew at each build
    return jupytext.writes(notebook, fmt="ipynb")


def _read(path: Path):
    import jupytext

    return jupytext.reads(path.read_text(encoding="utf-8"), fmt=FORMAT)
