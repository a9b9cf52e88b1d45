"""Delegates: real libraries, compiled here, that LiteRT loads."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

import tfmatting
from tfmatting.errors import InputError
from tfmatting.evaluation.latency import measure
from tfmatting.exporting.tflite.flatbuffer import read_tree, write_tree
from tfmatting.imaging.io import write_image
from tfmatting.inference.runtimes.tflite_delegate import EDGE_TPU_OPERATOR
from tfmatting.serving import page

COMPILER = shutil.which("cc")
needs_compiler = pytest.mark.skipif(not COMPILER, reason="compiles a delegate; no C compiler here")
# TfLiteDelegate of LiteRT's c/common.h; `prepare` takes no operator, so all stay on the processor
SOURCE = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
typedef struct Delegate {
  void* data;
  int (*prepare)(void*, struct Delegate*);
  int (*copy_from)(void*, struct Delegate*, int, void*);
  int (*copy_to)(void*, struct Delegate*, int, void*);
  void (*free_buffer)(void*, struct Delegate*, int*);
  int64_t flags;
  void* builder;
} Delegate;
static void note(const char* text) {
  FILE* file = fopen(LOG, "a");
  fprintf(file, "%s\n", text);
  fclose(file);
}
static int prepare(void* context, Delegate* delegate) {
  note("prepared");
  return PREPARED;
}
Delegate* tflite_plugin_create_delegate(char** keys, char** values, size_t count,
                                        void (*report)(const char*)) {
#ifdef REFUSES
  report("no device attached");
  return NULL;
#endif
  Delegate* delegate = calloc(1, sizeof(Delegate));
  delegate->prepare = prepare;
  return delegate;
}
void tflite_plugin_destroy_delegate(Delegate* delegate) {
  if (delegate) note("destroyed");
  free(delegate);
}
"""


def compiled(folder: Path, *defines: str, source: str = SOURCE) -> tuple[Path, Path]:
    """A delegate library, and the file in which it notes its calls."""
    library, log, code = folder / "libdelegate.so", folder / "calls.txt", folder / "delegate.c"
    code.write_text(source)
    words = [COMPILER, "-shared", "-fPIC", "-w", f'-DLOG="{log}"', *defines, code, "-o", library]
    subprocess.run([str(word) for word in words], check=True)
    return library, log


def photo() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)


@needs_compiler
def test_a_delegate_library_is_handed_the_graph_and_freed_afterwards(tmp_path, tiny_tflite):
    library, log = compiled(tmp_path, "-DPREPARED=0")
    predictor = tfmatting.load(tiny_tflite, delegate=library)
    assert log.read_text().split() == ["prepared"]
    # the delegate takes no operator, so nothing may change
    np.testing.assert_array_equal(
        predictor.alpha(photo()), tfmatting.load(tiny_tflite).alpha(photo())
    )
    del predictor
    assert log.read_text().split() == ["prepared", "destroyed"]


@needs_compiler
def test_every_command_that_takes_a_model_passes_the_delegate_on(tmp_path, tiny_tflite, command):
    library, log = compiled(tmp_path, "-DPREPARED=0")
    write_image(tmp_path / "me.png", photo())
    model = ("--model", tiny_tflite, "--delegate", library)
    clip = tmp_path / "clip.mp4"
    _write_clip(clip)
    commands = {
        "matte": (tmp_path / "me.png", "-o", tmp_path / "out.png"),
        "video": (clip, "-o", tmp_path / "out.mp4"),
        "webcam": ("--camera", clip, "--no-preview", "--frames", "1"),
        "evaluate": ("--data", "sample"),
        "benchmark": ("--rounds", "1"),
    }
    for name, words in commands.items():
        log.unlink(missing_ok=True)
        code, _, error = command(name, *words, *model)
        assert code == 0, error
        assert "prepared" in log.read_text(), name


@needs_compiler
def test_the_api_runs_its_model_on_the_delegate(tmp_path, tiny_tflite, command, monkeypatch):
    client = pytest.importorskip("starlette.testclient")
    library, log = compiled(tmp_path, "-DPREPARED=0")
    answers = []

    def ask(app, listening):
        host, port = listening.getsockname()
        png = cv2.imencode(".png", photo())[1].tobytes()
        with client.TestClient(app, base_url=f"http://{host}:{port}") as asker:
            answers.append(asker.post("/matte", content=png, headers={"Content-Type": "image/png"}))

    monkeypatch.setattr("tfmatting.serving.api.listen", ask)
    (tmp_path / "index.html").write_text("the page")  # a checkout has none until it is built
    monkeypatch.setattr(page, "Page", functools.partial(page.Page, tmp_path))
    words = ("serve", "--model", tiny_tflite, "--delegate", library)
    code, _, error = command(*words, "--api")
    assert code == 0, error
    assert answers[0].status_code == 200 and "prepared" in log.read_text()
    code, _, error = command(*words)
    assert code == 2 and "Give --api" in error


def _write_clip(path: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as clip:
        stream = clip.add_stream("libx264", rate=25)
        stream.width, stream.height = 64, 48
        clip.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))))
        clip.mux(stream.encode())


@needs_compiler
def test_the_memory_of_a_model_is_measured_with_its_delegate(tmp_path, tiny_tflite):
    library, log = compiled(tmp_path, "-DPREPARED=0")
    measure([tiny_tflite], rounds=1, delegate=library)
    assert log.read_text().split().count("prepared") == 2  # the timed process, and the other


@needs_compiler
@pytest.mark.parametrize(
    ("defines", "message"),
    [
        (("-DPREPARED=0", "-DREFUSES"), r"no device.*\(no device attached\).*leave --delegate out"),
        (("-DPREPARED=1",), "can be run with the delegate .*libdelegate.so"),
    ],
)
def test_a_delegate_that_refuses_is_one_line(tmp_path, tiny_tflite, defines, message):
    library, _ = compiled(tmp_path, *defines)
    with pytest.raises(InputError, match=message):
        tfmatting.load(tiny_tflite, delegate=library)


@needs_compiler
def test_a_library_that_is_no_delegate_says_what_is_missing(tmp_path, tiny_tflite):
    library, _ = compiled(tmp_path, source="int nothing;")
    with pytest.raises(InputError, match="without tflite_plugin_create_delegate and tflite_plugin"):
        tfmatting.load(tiny_tflite, delegate=library)


@pytest.mark.parametrize(
    ("library", "remedy"),
    [
        ("libedgetpu_of_nobody.so.1", "Install Coral's runtime (package libedgetpu1-std)"),
        ("/nowhere/libhexagon.so", "Give a library's path, or libedgetpu.so.1 for a Coral."),
    ],
)
def test_a_missing_library_is_one_line_and_exit_code_2(
    tmp_path, tiny_tflite, command, library, remedy
):
    write_image(tmp_path / "me.png", photo())
    words = (tmp_path / "me.png", "-o", tmp_path / "out.png", "--model", tiny_tflite)
    code, _, error = command("matte", *words, "--delegate", library)
    assert (code, error.count("\n")) == (2, 1)
    assert library in error and remedy in error
    assert not (tmp_path / "out.png").exists()


def test_only_tflite_files_have_delegates(tiny_checkpoint):
    with pytest.raises(InputError, match=r"runs \.tflite files. Received: .*tiny\.keras"):
        tfmatting.load(tiny_checkpoint, delegate="libedgetpu.so.1")


def test_a_file_compiled_for_the_edge_tpu_asks_for_its_delegate(tmp_path, tiny_tflite):
    tree = read_tree(tiny_tflite.read_bytes())
    tree.operatorCodes[0].builtinCode = 32  # CUSTOM
    tree.operatorCodes[0].deprecatedBuiltinCode = 32
    tree.operatorCodes[0].customCode = EDGE_TPU_OPERATOR.encode()
    path = tmp_path / "tiny_edgetpu.tflite"
    path.write_bytes(write_tree(tree))
    with pytest.raises(InputError, match=r"runs on one.*Give --delegate libedgetpu\.so\.1\."):
        tfmatting.load(path)


def test_a_loaded_predictor_has_its_own_delegate(tmp_path, tiny_tflite):
    predictor = tfmatting.load(tiny_tflite)
    with pytest.raises(InputError, match="`delegate` of a loaded Predictor is fixed"):
        tfmatting.matte_folder(tmp_path, tmp_path, model=predictor, delegate="libedgetpu.so.1")
