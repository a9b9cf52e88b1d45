"""What a film says of itself: titles, languages, chapters, when and where it was taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder"}
_OF_THE_STREAM = {"encoder", "handler_name", "vendor_id", "duration", "DURATION"}
_TWO_CODES = (
    "sqi:alb hye:arm eus:baq mya:bur zho:chi ces:cze nld:dut fra:fre kat:geo deu:ger ell:gre "
    "isl:ice mkd:mac mri:mao msa:may fas:per ron:rum slk:slo bod:tib cym:wel"
)
_OLD_CODES = {pair[:3]: pair[4:] for pair in _TWO_CODES.split()}
"""QuickTime knows the bibliographic codes of ISO 639-2, where there are two."""
_PREFIXES = ("_STATISTICS", "BPS", "NUMBER_OF_", "alpha_mode")


@dataclass(frozen=True)
class Description:
    """What a container says besides its streams.

    Attributes:
        metadata: title, creation time, location and so on, as FFmpeg names them.
        chapters: as PyAV has them.
        attachments: names of fonts, covers and tracks of data, which are not copied.
    """

    metadata: dict[str, str] = field(default_factory=dict)
    chapters: list[Any] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)


def read_description(container: Any) -> Description:
    """Read what an open container says of itself."""
    attachments = [
        stream.metadata.get("filename", "attachment")
        for stream in container.streams
        if stream.type == "attachment"
    ]
    data = [stream for stream in container.streams if stream.type == "data"]
    attachments += ["a data track" for stream in data if "timecode" not in stream.metadata]
    covers = [stream for stream in container.streams.video if stream.disposition.value & 0x400]
    attachments += ["cover"] * len(covers)
    metadata = {k: v for k, v in container.metadata.items() if k not in _OF_THE_FILE}
    timecodes = [s.metadata["timecode"] for s in container.streams if "timecode" in s.metadata]
    if timecodes:  # of a track of its own, which writers make anew
        metadata.setdefault("timecode", timecodes[0])
    return Description(metadata, container.chapters(), attachments)


def describe(container: Any, description: Description) -> None:
    """Write a description into an output container, before its first packet."""
    container.metadata.update(description.metadata)
    if description.chapters:
        container.set_chapters(description.chapters)


def describe_stream(output: Any, source: Any, suffix: str) -> None:
    """Copy language, title and flags of a stream into a file of this suffix."""
    kept = {
        key: value
        for key, value in source.metadata.items()
        if key not in _OF_THE_STREAM and not key.startswith(_PREFIXES)
    }
    if suffix == ".mov" and kept.get("language") in _OLD_CODES:
        kept["language"] = _OLD_CODES[kept["language"]]
    output.metadata.update(kept)
    output.disposition = source.disposition
