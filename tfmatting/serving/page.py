"""The built page: its files, their types, and the headers that browsers want with them."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tfmatting.errors import InputError, MissingFileError
from tfmatting.files import atomic_path

PAGE = Path(__file__).parent.parent / "page"

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
"""Sent with every file. The first two give the page threads; the policy keeps it to its origin."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".tflite": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
}
COMPRESSED = (".html", ".css", ".js", ".json", ".webmanifest", ".wasm", ".tflite", ".svg", ".txt")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, headers and body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Page:
    """Answers requests for the page's files.

    Args:
        folder: of the built page.

    Raises:
        MissingFileError: the page is not built.
    """

    def __init__(self, folder: Path = PAGE):
        if not (folder / "index.html").is_file():
            raise MissingFileError(
                f"No page at {folder}. A wheel of a release carries it; in a checkout, run "
                "`make page` (needs Node.js), then `pip install .` again."
            )
        self.folder = folder.resolve()

    def answer(self, target: str, accept_encoding: str = "", if_none_match: str = "") -> Answer:
        """Answer GET for `target`, the request's path, with or without a query.

        Args:
            target: such as "/" or "/worker.js".
            accept_encoding, if_none_match: the request's headers of these names.
        """
        try:
            path = (self.folder / (target.split("?")[0].lstrip("/") or "index.html")).resolve()
            found = path.is_relative_to(self.folder) and path.is_file()
        except (OSError, ValueError):  # a name that no file can have
            found = False
        if not found:
            return Answer(404, {**HEADERS, "Content-Type": TYPES[".txt"]}, b"Not here.\n")
        small = "gzip" in accept_encoding and path.suffix in COMPRESSED
        body, tag = _read(path, path.stat().st_mtime_ns, small)
        headers = {
            **HEADERS,
            "Content-Type": TYPES.get(path.suffix, "application/octet-stream"),
            "ETag": tag,
            "Vary": "Accept-Encoding",
        }
        if small:
            headers["Content-Encoding"] = "gzip"
        if tag in if_none_match:
            return Answer(304, headers, b"")
        return Answer(200, headers, body)

    def write(self, folder: Path) -> int:
        """Write the page into a new folder for any web server.

        Each file that shrinks has a `.gz` beside it (nginx: `gzip_static on`), and `_headers` and
        `headers.txt` say what to send (Netlify, Cloudflare Pages; all others).

        Returns:
            Number of files.

        Raises:
            InputError: the folder exists and is not empty.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(
                f"A new or empty folder is needed. Received: {folder}, which is not empty."
            )
        with atomic_path(folder, folder=True) as temporary:
            shutil.copytree(self.folder, temporary)
            for path in sorted(temporary.rglob("*")):
                if path.suffix in COMPRESSED:
                    small = gzip.compress(path.read_bytes(), 9, mtime=0)
                    path.with_name(f"{path.name}.gz").write_bytes(small)
            lines = [f"{name}: {value}" for name, value in HEADERS.items()]
            (temporary / "_headers").write_bytes(
                ("/*\n" + "".join(f"  {line}\n" for line in lines)).encode()
            )
            (temporary / "headers.txt").write_bytes("".join(f"{line}\n" for line in lines).encode())
        return sum(path.is_file() for path in folder.rglob("*"))


@lru_cache(maxsize=64)
def _read(path: Path, modified: int, small: bool) -> tuple[bytes, str]:
    """A file's bytes, compressed once, and its tag."""
    body = path.read_bytes()
    tag = hashlib.sha256(body).hexdigest()[:20]
    return (gzip.compress(body, 6, mtime=0), f'"{tag}-gz"') if small else (body, f'"{tag}"')
