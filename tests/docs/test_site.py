"""The documentation builds strictly, is complete, and needs no other host."""

from __future__ import annotations

import html.parser
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tfmatting
from tfmatting.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
NEEDED = ("mkdocs", "material", "mkdocstrings_handlers", "jupytext")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(importlib.util.find_spec(name) for name in NEEDED),
        reason="needs MkDocs: pip install '.[docs]'",
    ),
]
CHROMIUM = Path("/usr/bin/chromium")
LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
ELSEWHERE = re.compile(r"(?:https?:)?//")


class Page(html.parser.HTMLParser):
    """The anchors of a page, and what it loads."""

    def __init__(self, path: Path):
        super().__init__()
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors.add(attributes.get("id") or "")
        if tag in LOADED and attributes.get("rel") != "canonical":
            self.loaded.append(attributes.get(LOADED[tag]) or "")


def build(root: Path, output: Path) -> subprocess.CompletedProcess:
    """Build the documentation of a copy of the repository."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(output)]
    environment = {**os.environ, "PYTHONPATH": str(root), "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The built site."""
    output = tmp_path_factory.mktemp("site") / "site"
    result = build(ROOT, output)
    assert result.returncode == 0, result.stderr
    return output


def test_every_public_name_has_its_section(site):
    anchors = Page(site / "reference" / "api.html").anchors
    assert not {f"tfmatting.{name}" for name in tfmatting.__all__} - anchors


def test_every_command_has_its_section(site):
    assert not set(COMMANDS) - Page(site / "reference" / "commands.html").anchors


def test_alternatives_of_a_value_stand_in_one_cell(site):
    text = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert "<code>--background transparent|blur|COLOUR|IMAGE</code></td>" in text


def test_docstrings_are_rendered(site):
    """Their parts become tables: a docstring in another style would stay plain text."""
    text = (site / "reference" / "api.html").read_text(encoding="utf-8")
    assert text.count("Parameters:") >= 10 and text.count("Raises:") >= 10
    assert "uint8 RGBA [H, W, 4], sRGB, not premultiplied." in text


def test_no_page_loads_anything_from_another_host(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 25
    for path in pages:
        assert not [url for url in Page(path).loaded if ELSEWHERE.match(url)], path.name
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"url\([\"']?(?:https?:)?//|@import", text), path.name


@pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Chromium")
def test_the_search_works_on_pages_opened_from_the_disk(site):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    asked = []
    with playwright.sync_playwright() as browsers:
        flags = ["--no-sandbox"]
        with browsers.chromium.launch(executable_path=str(CHROMIUM), args=flags) as browser:
            page = browser.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.goto((site / "index.html").as_uri())
            # typed: the search listens to keys
            page.locator("input.md-search__input").press_sequentially("replace_background")
            found = page.locator(".md-search-result__item a").first
            assert "reference/api.html" in found.get_attribute("href")
    assert asked and all(url.startswith("file:") for url in asked)


def test_a_strict_build_refuses_what_nobody_sees_while_writing(tmp_path):
    """A dead link, a dead anchor, a forgotten page, and a parameter that there is not."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "docs", copy / "docs")
    shutil.copytree(ROOT / "examples", copy / "examples")
    package = shutil.ignore_patterns("*.tflite", "*.keras", "page", "__pycache__")
    shutil.copytree(ROOT / "tfmatting", copy / "tfmatting", ignore=package)
    shown = ("CHANGELOG.md", "RELEASE.md", "SECURITY.md", "THIRD_PARTY.md", "data/README.md")
    for name in ("mkdocs.yml", "README.md", "CONTRIBUTING.md", *shown):
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    with (copy / "docs" / "page.md").open("a", encoding="utf-8") as page:
        page.write("\n[a](../setup.cfg) [b](photos.md#no-such-heading)\n")
    (copy / "docs" / "forgotten.md").write_text("# Forgotten\n", encoding="utf-8")
    module = copy / "tfmatting" / "photos" / "cutout.py"
    module.write_text(module.read_text().replace("        refine: make", "        gone: make"))
    result = build(copy, tmp_path / "site")
    assert result.returncode != 0
    for fault in ("'../setup.cfg'", "no-such-heading", "forgotten.md", "'gone'"):
        assert fault in result.stderr, result.stderr
