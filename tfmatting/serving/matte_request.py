"""Checks requests of `POST /matte` and answers them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import ClientDisconnect, Request

from tfmatting.errors import InputError
from tfmatting.imaging.background import Picture, parse_background
from tfmatting.imaging.io import ImageError, alpha_to_uint8
from tfmatting.imaging.photo_files.formats import HEAD, recognise
from tfmatting.imaging.photo_files.opening import open_picture
from tfmatting.imaging.photo_files.photo import Photo
from tfmatting.imaging.photo_files.reading import decode_photo
from tfmatting.imaging.photo_files.writing import encode_image
from tfmatting.inference import Predictor

if TYPE_CHECKING:
    from tfmatting.serving.api import Limits

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
BACKGROUND = re.compile("transparent|blur|#[0-9a-fA-F]{6}")
OUTPUTS = ("cutout", "matte")
SILENCE, SLOWEST = 10, 4000
"""Seconds without a byte, and bytes a second, that end an upload: its place is for others."""
DRAINED, DRAIN_SECONDS = 2_000_000, 2


class RefusalError(Exception):
    """A refused request: HTTP status and message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True)
class Job:
    """A checked request.

    Attributes:
        photo: a picture's bytes.
        output: "cutout" or "matte".
        background: "transparent", "blur" or "#rrggbb".
        picture: bytes of a background picture, which goes before `background`.
    """

    photo: bytes
    output: str = "cutout"
    background: str = "transparent"
    picture: bytes | None = None


async def read_request(request: Request, limits: Limits) -> Job:
    """Read a request's body and options.

    Raises:
        RefusalError: too large, no picture, or an unknown option.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    body = await _body(request, limits.megabytes)
    fields: dict = dict(request.query_params)
    if kind == "multipart/form-data":
        fields |= await _form(request, body)
        photo = fields.pop("photo", None)
    else:
        photo = body
    if not isinstance(photo, bytes) or not photo:
        raise RefusalError(400, 'A photo is needed: as the body, or as the form\'s file "photo".')
    job = Job(photo, **_options(fields))
    for picture in (job.photo, job.picture):
        if picture is not None:
            _check_size(picture, limits.megapixels)
    return job


async def _body(request: Request, megabytes: int) -> bytes:
    most = megabytes * 1_000_000
    too_large = RefusalError(413, f"At most {megabytes} MB a request.")
    stated = request.headers.get("content-length", "0")
    if stated.isdigit() and int(stated) > most:
        raise too_large
    body = bytearray()
    start = time.monotonic()
    parts = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(SILENCE):
                body += await anext(parts)
        except StopAsyncIteration:
            return bytes(body)
        except TimeoutError:
            raise RefusalError(408, f"Nothing came for {SILENCE} seconds.") from None
        if len(body) > most:
            raise too_large
        seconds = time.monotonic() - start
        if seconds > SILENCE and len(body) < SLOWEST * seconds:
            raise RefusalError(408, f"At least {SLOWEST} bytes a second are needed.")


async def drain(request: Request) -> None:
    """Take the rest of a refused body, as much as comes at once: who writes may not read yet."""
    taken = 0
    with contextlib.suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(DRAIN_SECONDS):
            async for part in request.stream():
                taken += len(part)
                if taken > DRAINED:
                    return


async def _form(request: Request, body: bytes) -> dict:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        parser = MultiPartParser(request.headers, stream(), max_files=2, max_fields=8)
        form = await parser.parse()
    except Exception as error:  # no boundary, an unknown charset, a part without an end
        what = str(error)[:160] or type(error).__name__
        raise RefusalError(400, f"The form cannot be read: {what}") from None
    fields: dict = {}
    for name, value in form.multi_items():
        if name in fields:
            raise RefusalError(400, f"One of each field is needed. Received: two of {name!r}.")
        fields[name] = await value.read() if isinstance(value, UploadFile) else value
    return fields


def _options(fields: dict) -> dict:
    unknown = set(fields) - {"output", "background", "picture"}
    if unknown:
        raise RefusalError(400, f"Unknown: {', '.join(sorted(unknown))}.")
    output = fields.get("output", "cutout")
    if output not in OUTPUTS:
        raise RefusalError(400, f"The output is one of {OUTPUTS}. Received: {output!r}.")
    background = fields.get("background", "transparent")
    # a path or an address is never followed
    if not isinstance(background, str) or not BACKGROUND.fullmatch(background):
        raise RefusalError(
            400,
            f'A background is transparent, blur, #rrggbb, or a file "picture". '
            f"Received: {str(background)[:80]!r}.",
        )
    picture = fields.get("picture")
    if picture is not None and background != "transparent":
        rule = f"A background is named or a picture. Received: {background} and a picture."
        raise RefusalError(400, f"{rule} Leave one out.")
    if picture is not None and not isinstance(picture, bytes):
        raise RefusalError(400, 'The background "picture" is a file of a form.')
    return {"output": output, "background": background, "picture": picture}


def _check_size(data: bytes, megapixels: int) -> None:
    """Look a picture's size up in its header, before it is decoded."""
    kind = recognise(data[:HEAD])
    if kind not in FORMATS:
        raise RefusalError(415, f"Not a picture that can be read ({', '.join(FORMATS)}).")
    try:
        with open_picture(data, kind, "photo") as picture:
            width, height = picture.size
    except ImageError as error:
        raise RefusalError(413, str(error)) from None
    except Exception:  # Pillow's decoders stumble in many ways
        rule = f"This {kind} cannot be read here: it is damaged, or of a rare kind."
        raise RefusalError(415, f"{rule} Save it as JPEG or PNG with 8 bits.") from None
    if width * height > megapixels * 1_000_000:
        raise RefusalError(413, f"At most {megapixels} megapixels. Received: {width} x {height}.")


def matte_png(predictor: Predictor, job: Job) -> bytes:
    """Cut out, as `tfmatting matte` does.

    Returns:
        A PNG's bytes.

    Raises:
        RefusalError: a picture that is broken behind its header, or one that does not fit.
    """
    try:
        return _matte_png(predictor, job)
    except InputError as error:
        raise RefusalError(422, str(error)) from None
    except MemoryError:
        raise RefusalError(413, "The picture does not fit in memory.") from None


def _matte_png(predictor: Predictor, job: Job) -> bytes:
    photo = _decoded(job.photo)
    image = photo.over_white()
    alpha = photo.keep_own_alpha(predictor.alpha(image))
    if job.output == "matte":
        return encode_image("matte.png", alpha_to_uint8(alpha))
    background = (
        parse_background(job.background)
        if job.picture is None
        else Picture(_decoded(job.picture).over_white())
    )
    return encode_image("cutout.png", background.compose(photo.pixels, alpha))


def _decoded(data: bytes) -> Photo:
    try:
        return decode_photo(data, "photo").in_srgb()
    except ImageError as error:
        raise RefusalError(415, str(error)) from None
