"""The Android and iOS apps, as far as they can be checked without their compilers.

Sources are parsed by tree-sitter's grammars; names, sizes and files are compared with the model
that ships. Where `kotlinc` and JUnit are found, what uses nothing of Android is compiled, and its
tests run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

EXAMPLES = Path(__file__).parents[2] / "examples"
ANDROID, IOS = EXAMPLES / "android", EXAMPLES / "ios"
SHIPPED = EXAMPLES.parent / "tfmatting" / "shipped"
KOTLIN = sorted(ANDROID.rglob("*.kt")) + sorted(ANDROID.rglob("*.kts"))
SWIFT = sorted(IOS.rglob("*.swift"))
PURE = ("Frame", "AreaAverage", "Quantization", "Composite")
JUNIT = [Path("/usr/share/java") / name for name in ("junit4.jar", "hamcrest-core.jar")]
KOTLINC = os.environ.get("KOTLINC") or shutil.which("kotlinc")
NAMESPACE = "{http://schemas.android.com/apk/res/android}"


def short(path: Path) -> str:
    return str(path.relative_to(EXAMPLES))


def parsed(source: bytes, language: str):
    """A syntax tree; skipped where the grammars are not installed."""
    tree_sitter = pytest.importorskip("tree_sitter", reason="comes with the extra test")
    grammar = pytest.importorskip(f"tree_sitter_{language}", reason="comes with the extra test")
    return tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(source)


@pytest.mark.parametrize("path", KOTLIN, ids=short)
def test_kotlin_parses(path):
    assert not parsed(path.read_bytes(), "kotlin").root_node.has_error


@pytest.mark.parametrize("path", SWIFT, ids=short)
def test_swift_parses(path):
    assert not parsed(path.read_bytes(), "swift").root_node.has_error


def test_the_grammars_see_errors():
    assert parsed(b"fun broken( {", "kotlin").root_node.has_error
    assert parsed(b"func broken( {", "swift").root_node.has_error


def app_files(kind: str) -> str:
    paths = KOTLIN if kind == "android" else [*SWIFT, IOS / "project.yml"]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("kind", ["android", "ios"])
def test_the_model_of_the_app_ships_and_is_what_the_code_expects(kind):
    text = app_files(kind)
    (name,) = set(re.findall(r"tfmatting/shipped/(\w+)\.tflite", text))
    assert f'"{name}' in text  # the same file is opened
    interpreter = Interpreter(str(SHIPPED / f"{name}.tflite"))
    (signature,) = interpreter.get_signature_list()
    (image,), (alpha,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert image["shape"].tolist()[3] == 3 and alpha["shape"].tolist()[3] == 1
    assert image["shape"].tolist()[1:3] == alpha["shape"].tolist()[1:3]
    # both apps know unsigned bytes; their scales are read from the file, not typed into the app
    assert image["dtype"] == alpha["dtype"] == np.uint8
    for scale, _ in (image["quantization"], alpha["quantization"]):
        assert scale > 0 and (scale == 1 or f"{scale:.6f}" not in text)
    if kind == "android":
        assert f'SIGNATURE = "{signature}"' in text
        names = interpreter.get_signature_list()[signature]
        assert names == {"inputs": ["image"], "outputs": ["alpha"]}
        assert 'IMAGE = "image"' in text and 'ALPHA = "alpha"' in text


def test_the_files_of_the_android_app_fit_each_other():
    main = ANDROID / "app/src/main"
    trees = {path: ElementTree.parse(path).getroot() for path in main.rglob("*.xml")}
    manifest = trees[main / "AndroidManifest.xml"]
    permissions = [node.get(f"{NAMESPACE}name") for node in manifest.iter("uses-permission")]
    assert permissions == ["android.permission.CAMERA"]  # no network
    (activity,) = (node.get(f"{NAMESPACE}name") for node in manifest.iter("activity"))
    package = re.search(r'namespace = "([\w.]+)"', app_files("android"))
    assert package and activity
    source = main / "kotlin" / Path(*package[1].split(".")) / f"{activity.lstrip('.')}.kt"
    assert f"package {package[1]}" in source.read_text(encoding="utf-8")
    defined = {f"{node.tag}/{node.get('name')}" for node in trees[main / "res/values/strings.xml"]}
    identifiers = {f"layout/{path.stem}" for path in (main / "res/layout").glob("*.xml")}
    for tree in trees.values():
        for node in tree.iter():
            for value in node.attrib.values():
                if value.startswith("@string/"):
                    assert value[1:] in defined, value
                if value.startswith("@+id/"):
                    identifiers.add(f"id/{value[5:]}")
    used = re.findall(r"\bR\.(id|layout|string)\.(\w+)", app_files("android"))
    assert used and all(f"{kind}/{name}" in identifiers | defined for kind, name in used)


def test_frames_that_come_too_fast_are_dropped_and_faces_are_mirrored():
    android, ios = app_files("android"), app_files("ios")
    assert "STRATEGY_KEEP_ONLY_LATEST" in android and "image.use" in android
    assert "rotationDegrees" in android and "facesUser()" in android
    assert "alwaysDiscardsLateVideoFrames = true" in ios
    assert "isVideoMirrored = position == .front" in ios


@pytest.mark.slow
@pytest.mark.skipif(
    not KOTLINC or not all(jar.is_file() for jar in JUNIT),
    reason="needs kotlinc (or KOTLINC, its path) and Debian's junit4",
)
def test_the_arithmetic_compiles_and_its_tests_pass(tmp_path):
    """`./gradlew testDebugUnitTest` without Android: the same sources and the same tests."""
    source = ANDROID / "app/src"
    folder = "kotlin/org/tfmatting/camera"
    files = [source / "main" / folder / f"{name}.kt" for name in PURE]
    files += sorted((source / "test" / folder).glob("*.kt"))
    path = os.pathsep.join(map(str, JUNIT))
    jar = tmp_path / "pixels.jar"
    command = [
        KOTLINC,
        "-Werror",
        "-include-runtime",
        "-cp",
        path,
        *map(str, files),
        "-d",
        str(jar),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    runner = ["org.junit.runner.JUnitCore", "org.tfmatting.camera.PixelsTest"]
    result = subprocess.run(
        ["java", "-cp", f"{path}{os.pathsep}{jar}", *runner], capture_output=True, text=True
    )
    assert "OK (6 tests)" in result.stdout, result.stdout
