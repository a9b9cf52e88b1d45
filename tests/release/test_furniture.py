"""What a release rests on: versions that agree, licences, forms, workflows, archives."""

from __future__ import annotations

import configparser
import importlib.util
import io
import json
import re
import tarfile
from pathlib import Path

import pytest

from tfmatting.version import __version__

ROOT = Path(__file__).parents[2]
yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extra test")
PATTERNS = (".github/**/*.yml", ".pre-commit-config.yaml", "CITATION.cff", "examples/**/*.yml")
YAML = sorted(path for pattern in PATTERNS for path in ROOT.glob(pattern))


def tool(name: str):
    """A script of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def requirements(setup) -> str:
    extras = setup["options.extras_require"].values()
    return "\n".join([setup["options"]["install_requires"], *extras])


def test_one_version_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    gradle = (ROOT / "examples/android/app/build.gradle.kts").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert str(citation["version"]) == __version__
    assert f'versionName = "{__version__}"' in gradle
    assert re.search(rf"^## {re.escape(__version__)} ", changes, re.MULTILINE)
    assert "## Unreleased" in changes


@pytest.mark.parametrize("path", YAML, ids=lambda path: str(path.relative_to(ROOT)))
def test_forms_and_workflows_are_well_formed(path):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert document
    for job in (document.get("jobs") or {}).values():
        assert job["runs-on"] and all("uses" in step or "run" in step for step in job["steps"])
    for entry in document.get("body") or []:
        assert entry["type"] in ("markdown", "textarea", "input", "checkboxes")


def test_workflows_call_targets_and_files_that_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w.-]+):", makefile, re.MULTILINE))
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        for words in re.findall(r"run: make ([a-z -]+)", text):
            assert set(words.split()) <= targets, (path, words)
        for name in re.findall(r"\b(?:tests|examples|web)/[\w./-]+", text):
            assert (ROOT / name).exists(), (path, name)


def test_three_pythons_are_tested_and_allowed(setup):
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    tested = set(workflow["jobs"]["tests"]["strategy"]["matrix"]["python"])
    named = set(re.findall(r":: Python :: (3\.\d+)", setup["metadata"]["classifiers"]))
    assert tested == named == {"3.11", "3.12", "3.13"}
    assert setup["options"]["python_requires"] == ">=3.11"


def test_pre_commit_uses_the_same_ruff(setup):
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (ruff,) = (repo["rev"] for repo in hooks["repos"] if repo["repo"].endswith("ruff-pre-commit"))
    assert f"ruff=={ruff.removeprefix('v')}" in setup["options.extras_require"]["check"]


def test_the_lowest_versions_are_those_of_setup(setup):
    lines = (ROOT / "requirements/lowest.txt").read_text(encoding="utf-8").splitlines()
    lowest = dict(line.split("==") for line in lines if not line.startswith("#"))
    allowed = dict(re.findall(r"^([\w-]+)>=([\d.]+)", requirements(setup), re.MULTILINE))
    light = dict(
        re.findall(r"^([\w-]+)>=([\d.]+)", setup["options"]["install_requires"], re.MULTILINE)
    )
    assert light.keys() <= lowest.keys()
    for name, version in lowest.items():
        # 4.11 of setup.cfg is 4.11.0.86 in the registry, the first that has it
        assert version == allowed[name] or version.startswith(f"{allowed[name]}."), name


def test_every_dependency_has_its_licence(setup):
    third_party = tool("third_party")
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    stated = third_party.table_of(text)
    assert stated.keys() - {"package"} == third_party.required().keys()
    assert "not installed" not in stated.values()
    differing = {
        name: (words, third_party.licence(name))
        for name, words in stated.items()
        if name != "package" and third_party.licence(name) not in (None, words)
    }
    assert not differing, f"Run `make third-party`: {differing}"
    lock = json.loads((ROOT / "web/package-lock.json").read_text(encoding="utf-8"))
    assert all(
        f"| {path.removeprefix('node_modules/')} | {entry['license']} |" in text
        for path, entry in lock["packages"].items()
        if path and not entry.get("optional")
    )


def test_every_shipped_model_has_an_origin():
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    for path in (ROOT / "tfmatting/shipped").glob("*.tflite"):
        assert f"{path.stem}." in text, path


def archive(names: list[str], date: int) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as target:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.uid, entry.uname = 3, date, date % 1000, f"u{date}"
            target.addfile(entry, io.BytesIO(b"abc"))
    return packed.getvalue()


def test_archives_of_one_commit_are_equal():
    repacked = tool("build_distributions").repacked
    one, other = archive(["a/b", "a/c"], 10**9), archive(["a/c", "a/b"], 10**9 + 77)
    assert one != other and repacked(one, 5) == repacked(other, 5)
    with tarfile.open(fileobj=io.BytesIO(repacked(one, 5))) as packed:
        assert [(entry.name, entry.mtime) for entry in packed] == [("a/b", 5), ("a/c", 5)]
        content = packed.extractfile("a/b")
        assert content is not None and content.read() == b"abc"


def test_the_source_archive_takes_every_folder():
    """A folder of the repository that MANIFEST.in forgets is missing from the source archive."""
    text = (ROOT / "MANIFEST.in").read_text(encoding="utf-8")
    grafted = set(re.findall(r"^graft (\S+)", text, re.MULTILINE)) | {"tfmatting"}
    tests = {path.parents[0].name for path in ROOT.glob("*/__init__.py")}
    assert {"tests", "docs", "examples", "tools", "benchmarks", "web", "data"} <= grafted
    assert tests <= grafted | {"tests"}


def test_images_copy_what_is_there():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM .* AS (\w+)", text, re.MULTILINE)
    assert stages == ["page", "wheel", "light", "train"]
    for words in re.findall(r"^COPY (?!--from)(.*)", text, re.MULTILINE):
        *sources, _ = words.split()
        assert all((ROOT / source).exists() for source in sources), words
    extras = configparser.ConfigParser()
    extras.read(ROOT / "setup.cfg", encoding="utf-8")
    for names in re.findall(r"\.whl\)\[([\w,]+)\]", text):
        assert set(names.split(",")) <= set(extras["options.extras_require"])
    json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
