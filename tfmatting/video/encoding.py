"""How each kind of video file holds pictures and sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tfmatting.errors import InputError


@dataclass(frozen=True)
class Encoding:
    """How a kind of file holds pictures and sound.

    Attributes:
        codec, pixels: of opaque video.
        options: of that codec.
        clear_codec, clear_pixels: of video with transparency; none when empty.
        sound: codec of sound that cannot be kept as it is.
    """

    codec: str
    pixels: str
    options: dict[str, str]
    clear_codec: str
    clear_pixels: str
    sound: str


X264 = {"crf": "20", "preset": "medium"}
VP9 = {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
ENCODINGS = {
    ".mp4": Encoding("libx264", "yuv420p", X264, "", "", "aac"),
    ".mov": Encoding("libx264", "yuv420p", X264, "prores_ks", "yuva444p10le", "aac"),
    ".mkv": Encoding("libx264", "yuv420p", X264, "libvpx-vp9", "yuva420p", "aac"),
    ".webm": Encoding("libvpx-vp9", "yuv420p", VP9, "libvpx-vp9", "yuva420p", "libopus"),
}


def check_output(path: Path, *, transparent: bool) -> Encoding:
    """Return how a file of this name is encoded.

    Raises:
        ValueError: a suffix that is not known, or one that cannot be transparent.
    """
    suffix = path.suffix.lower()
    if suffix not in ENCODINGS:
        raise InputError(f"A video's name ends in {', '.join(ENCODINGS)}. Received: {path.name!r}.")
    encoding = ENCODINGS[suffix]
    if transparent and not encoding.clear_codec:
        clear = [name for name, entry in ENCODINGS.items() if entry.clear_codec]
        raise InputError(
            f"{suffix} holds no transparency. Received: {path.name!r}. Use {', '.join(clear)}, or "
            "--background blur."
        )
    return encoding
