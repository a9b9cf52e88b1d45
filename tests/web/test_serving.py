"""`tfmatting serve`: the files' headers, the folder it writes, what it refuses."""

from __future__ import annotations

import gzip
import json
import threading
import urllib.error
import urllib.request

import pytest

from tfmatting.serving.page import HEADERS, Page
from tfmatting.serving.server import make_server

KINDS = {
    "": "text/html; charset=utf-8",
    "worker.js": "text/javascript; charset=utf-8",
    "wasm/a.wasm": "application/wasm",
    "manifest.webmanifest": "application/manifest+json",
}


@pytest.fixture
def folder(tmp_path):
    """A built page in small."""
    root = tmp_path / "page"
    (root / "wasm").mkdir(parents=True)
    for name in KINDS:
        (root / (name or "index.html")).write_text("content " * 50)
    (tmp_path / "secret.txt").write_text("secret")
    return root


@pytest.fixture
def address(folder):
    with make_server(Page(folder), port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def use(monkeypatch, folder) -> None:
    """Have the command find the page in another folder."""
    monkeypatch.setattr(Page.__init__, "__defaults__", (folder,))


@pytest.mark.parametrize("path", KINDS)
def test_types_and_headers(address, path):
    with urllib.request.urlopen(address + path) as answer:
        assert answer.headers["Content-Type"] == KINDS[path]
        assert HEADERS.items() <= dict(answer.headers).items()
        assert answer.read().startswith(b"content")


def test_compressed_and_cached(address):
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip, br"})
    with urllib.request.urlopen(request) as answer:
        assert gzip.decompress(answer.read()).startswith(b"content")
        tag = answer.headers["ETag"]
    request.add_header("If-None-Match", tag)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 304


@pytest.mark.parametrize("path", ["/nothing.js", "/../secret.txt", "/wasm", "/%2e%2e/secret.txt"])
def test_only_files_of_the_page(folder, path):
    assert Page(folder).answer(path).status == 404


def test_write_for_another_server(command, monkeypatch, folder, tmp_path):
    use(monkeypatch, folder)
    target = tmp_path / "site"
    code, out, _ = command("serve", "--write", target)
    assert code == 0 and str(target) in out
    packed = (target / "wasm/a.wasm.gz").read_bytes()
    assert gzip.decompress(packed) == (target / "wasm/a.wasm").read_bytes()
    assert "Cross-Origin-Embedder-Policy: require-corp" in (target / "headers.txt").read_text()
    code, _, err = command("serve", "--write", target)
    assert code == 2 and "not empty" in err


def test_a_taken_port_and_a_missing_page(command, monkeypatch, folder, tmp_path):
    use(monkeypatch, folder)
    with make_server(Page(folder), port=0) as server:
        code, _, err = command("serve", "--port", server.server_port)
    assert code == 2 and "--port" in err
    use(monkeypatch, tmp_path / "no")
    code, _, err = command("serve")
    assert code == 2 and "make page" in err


def test_an_open_api_needs_a_token(command, monkeypatch, folder):
    use(monkeypatch, folder)
    monkeypatch.delenv("TFMATTING_TOKEN", raising=False)
    code, _, err = command("serve", "--api", "--host", "0.0.0.0")
    assert code == 2 and "token" in err


def test_manifest_of_the_real_page():
    from tfmatting.serving.page import PAGE

    if not (PAGE / "index.html").is_file():
        pytest.skip("the page is not built")
    manifest = json.loads((PAGE / "manifest.webmanifest").read_text())
    for icon in manifest["icons"]:
        assert (PAGE / icon["src"]).is_file()
    licences = (PAGE / "licences.txt").read_text()
    assert "LiteRT.js" in licences and "Apache License" in licences
