"""Files on this machine and files that fsspec reaches (S3, GCS, HTTP), under one set of names."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tfmatting.errors import MissingExtraError

OBJECT_STORES = ("s3", "s3a", "gs", "gcs", "abfs", "az", "memory")
"""Where an object appears when it is complete; elsewhere files are renamed when they are."""


@dataclass(frozen=True)
class RemotePath:
    """A file or folder by its URL; has those names of `pathlib.Path` that photos need.

    Attributes:
        url: protocol and path, without a slash at its end.
    """

    url: str

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, other: str | PurePosixPath) -> RemotePath:
        inner = str(other)
        return self if inner in (".", "") else RemotePath(f"{self.url}/{inner}")

    @property
    def _pure(self) -> PurePosixPath:
        return PurePosixPath(self.url.partition("://")[2])

    @property
    def name(self) -> str:
        """The last part."""
        return self.url.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The last part without its suffix."""
        return self._pure.stem

    @property
    def suffix(self) -> str:
        """The suffix, with its dot."""
        return self._pure.suffix

    @property
    def parent(self) -> RemotePath:
        """The folder."""
        return RemotePath(self.url.rpartition("/")[0])

    def with_name(self, name: str) -> RemotePath:
        """Another file of the same folder."""
        return RemotePath(f"{self.url.rpartition('/')[0]}/{name}")

    def relative_to(self, folder: Location) -> PurePosixPath:
        """The path below a folder."""
        return PurePosixPath(self.url.removeprefix(str(folder)).lstrip("/"))

    @property
    def _where(self) -> tuple[Any, str]:
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise _missing(self.url) from error
        try:
            system, path = url_to_fs(self.url, use_listings_cache=False)
        except ImportError as error:  # the protocol's own package
            raise _missing(self.url) from error
        return system, str(path)

    def exists(self) -> bool:
        """Whether there is such a file or folder.

        Raises:
            OSError: the place cannot be reached.
        """
        with _as_os_errors(self.url):
            system, path = self._where
            return system.exists(path)

    def is_dir(self) -> bool:
        """Whether it is a folder with something in it.

        Raises:
            OSError: the place cannot be reached.
        """
        with _as_os_errors(self.url):
            system, path = self._where
            return system.isdir(path)

    def read_bytes(self) -> bytes:
        """The whole file.

        Raises:
            OSError: it cannot be read.
        """
        with _as_os_errors(self.url):
            system, path = self._where
            return system.cat_file(path)

    def write_bytes(self, data: bytes) -> None:
        """Write the file whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        with _as_os_errors(self.url):
            self._write(data)

    def _write(self, data: bytes) -> None:
        system, path = self._where
        if self.url.partition("://")[0] in OBJECT_STORES:
            system.pipe_file(path, data)
            return
        system.makedirs(self.parent._where[1], exist_ok=True)
        temporary = self.with_name(f".writing-{uuid.uuid4().hex}")._where[1]
        try:
            system.pipe_file(temporary, data)
            system.mv(temporary, path)
        except BaseException:
            if system.exists(temporary):
                system.rm_file(temporary)
            raise

    def entries(self) -> Iterator[tuple[str, bool]]:
        """The name of each file and folder in a folder, and whether it is a folder.

        Raises:
            OSError: it cannot be listed.
        """
        with _as_os_errors(self.url):
            system, path = self._where
            found = system.ls(path, detail=True)
        for entry in found:
            name = str(entry["name"]).rstrip("/").rpartition("/")[2]
            if name and str(entry["name"]).rstrip("/") != path.rstrip("/"):
                yield name, entry["type"] == "directory"


Location = Path | RemotePath


def location(place: str | Path | RemotePath) -> Location:
    """A path of this machine, or a `RemotePath` for what has a protocol such as `s3://`."""
    if not isinstance(place, str):
        return place
    protocol, mark, rest = place.partition("://")
    if not mark:
        return Path(place)
    if protocol in ("file", "local"):
        return Path(f"/{rest.lstrip('/')}")
    return RemotePath(place.rstrip("/"))


@contextlib.contextmanager
def _as_os_errors(url: str) -> Iterator[None]:
    """The errors of each protocol's package, as those of files."""
    try:
        yield
    except (OSError, MissingExtraError):
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}".rstrip(".")
        raise OSError(f"{url} cannot be reached ({what}).") from error


def _missing(url: str) -> MissingExtraError:
    return MissingExtraError(
        f"{url} needs fsspec and the package of its protocol. Run `pip install "
        "tfmatting[cluster]`; gs:// also needs `pip install gcsfs`."
    )
