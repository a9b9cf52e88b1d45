"""A hook of MkDocs: pages that are made from the code, and links between files and pages.

Nothing that the code knows is typed into the documentation. The tables, the command line and the
public names become pages at each build; Markdown files elsewhere in the repository are shown as
they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from site_pages import api, commands, links, tables, tutorials

from tfmatting.models.spec import SPECS

ROOT = Path(__file__).resolve().parent.parent
SHOWN = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "design/contributing.md",
    "CHANGELOG.md": "design/changelog.md",
    "SECURITY.md": "design/security.md",
    "RELEASE.md": "design/release.md",
    "THIRD_PARTY.md": "design/third_party.md",
    "examples/README.md": "guides/examples.md",
    "data/README.md": "guides/layouts.md",
    "tfmatting/shipped/README.md": "models/pretrained.md",
}
"""Markdown files outside `docs/` -> their pages."""
MADE = {
    "tfmatting/__init__.py": ("reference/api.md", api.api_page),
    "tfmatting/cli/main.py": ("reference/commands.md", commands.commands_page),
    "tfmatting/exporting/formats.py": ("reference/formats.md", tables.formats_page),
    "tfmatting/datasets/readers/__init__.py": ("reference/layouts.md", tables.layouts_page),
    "tfmatting/exporting/compatibility/targets.py": ("reference/targets.md", tables.targets_page),
    "examples": ("reference/examples.md", lambda: api.examples_page(ROOT)),
}
"""What a page is made from -> the page and its maker. Links to the former lead to the latter."""
FIGURES = "<!-- models -->", "<!-- figures -->"
"""Marks of `docs/models/index.md`: the table of models, and the figures of those that ship."""


def site_pages() -> dict[str, str]:
    """Path in the repository -> page, of everything that the site takes from outside `docs/`."""
    examples = {
        path.relative_to(ROOT).as_posix(): f"reference/examples.md#{api.anchor(path)}"
        for path in api.examples(ROOT)
    }
    lessons = {
        path.relative_to(ROOT).as_posix(): f"tutorials/{path.stem}.md"
        for path in tutorials.tutorials(ROOT)
    }
    return {**SHOWN, **{source: page for source, (page, _) in MADE.items()}, **examples, **lessons}


def on_files(files: Files, config: Any) -> Files:
    """Add the pages."""
    for source, page in SHOWN.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    for page, make in MADE.values():
        files.append(File.generated(config, page, content=make()))
    for path in tutorials.tutorials(ROOT):
        page = f"tutorials/{path.stem}"
        files.append(File.generated(config, f"{page}.md", content=tutorials.tutorial_page(path)))
        files.append(
            File.generated(config, f"{page}.ipynb", content=tutorials.tutorial_notebook(path))
        )
        files.append(File.generated(config, f"{page}.py", content=path.read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Fill the pages of models, and turn the links of all."""
    uri = page.file.src_uri
    source = next((path for path, shown in SHOWN.items() if shown == uri), f"{links.DOCS}{uri}")
    if uri == "models/index.md":
        models, figures = FIGURES
        markdown = markdown.replace(models, tables.models_table())
        markdown = markdown.replace(figures, tables.pretrained_figures())
    for name, spec in SPECS.items():
        if uri == f"models/{name}.md":
            options = api.model_options(name, ROOT / "tfmatting" / "models" / f"{name}.py")
            start, rest = markdown.split("\n## ", 1)
            markdown = f"{start}\n{tables.model_facts(spec)}\n\n## {rest}\n{options}\n"
    return links.retarget(markdown, source, uri, site_pages())
