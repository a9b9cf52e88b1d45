"""Chooses the decoder of a video's pictures: FFmpeg's own one of VP8 and VP9 drops the alpha."""

from __future__ import annotations

from typing import Any

from tfmatting.video.container import import_av

WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""The decoder that keeps the alpha, by codec."""


class PictureDecoder:
    """Decodes the packets of one picture stream.

    Args:
        stream: of an open PyAV container.
    """

    def __init__(self, stream: Any):
        self._own: Any = None
        codec = WITH_ALPHA.get(stream.codec_context.name)
        facts = {name.lower(): value for name, value in stream.metadata.items()}
        if codec and facts.get("alpha_mode") == "1":
            self._own = import_av().CodecContext.create(codec, "r")

    def decode(self, packet: Any) -> list[Any]:
        """Return the frames that are ready after a packet; an empty packet ends the stream."""
        if self._own is None:
            return packet.decode()
        return self._own.decode(packet if packet.size else None)
