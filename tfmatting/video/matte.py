"""Mattes a video: the one call behind `tfmatting video`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from tfmatting.imaging.background import Background
from tfmatting.inference import Predictor, load
from tfmatting.inference.loading import OF_FILMS
from tfmatting.inference.smoothing import make_smoother
from tfmatting.video.background import open_background
from tfmatting.video.checks import check_output, check_place, check_size
from tfmatting.video.composition import Composition, check_matte_alone
from tfmatting.video.fingerprint import fingerprint
from tfmatting.video.image_sequence import parse_frame_rate
from tfmatting.video.pipeline import matted
from tfmatting.video.reader import VideoReader
from tfmatting.video.segments import Segments
from tfmatting.video.writing import write_video


@dataclass(frozen=True)
class VideoReport:
    """What became of a video.

    Attributes:
        output: the file that was written.
        frames: the number of frames in it.
        problems: what could not be read, one line each; empty for a sound file.
        notes: what differs from the input on purpose, one line each.
    """

    output: Path
    frames: int
    problems: list[str]
    notes: list[str] = field(default_factory=list)


def matte_video(
    video: str | Path,
    output: str | Path,
    *,
    model: str | Path | Predictor = OF_FILMS,
    background: str | Path | np.ndarray | Background = "blur",
    alpha: bool = False,
    side_by_side: bool = False,
    smooth: str | None = None,
    refine: bool = True,
    blur_strength: float = 0.02,
    frame_rate: str | float | Fraction | None = None,
    resume: bool = False,
    threads: int | None = None,
    delegate: str | Path | None = None,
    progress: Callable[..., Iterable] | None = None,
) -> VideoReport:
    """Replace the background of a video, or write its matte.

    Times, rotation, colours, audio and alpha of the input are kept. The output appears when it is
    complete. A run that stops keeps its finished segments in a hidden folder beside the output;
    the exception then has a note that names the folder (`__notes__`).

    Args:
        video: a file that FFmpeg can read, or numbered pictures as `frames/%05d.png`.
        output: a `.mp4`, `.mov`, `.mkv`, `.webm` or `.gif` file, or numbered pictures.
        model: the name of a pretrained model, a model file, or a loaded `Predictor`.
        background: "blur", "transparent" (not in `.mp4`), "#rrggbb", the path of a picture or a
            video, a uint8 array [H, W, 3], or a `Background`.
        alpha: write the matte alone, in grey; it has no background.
        side_by_side: write each frame with the result to its right.
        smooth: "ofd" removes single-frame flicker with a delay of one frame; "recurrent" is a
            running mean without delay; None does not smooth.
        refine: fit the matte to the edges of the frame (guided filter). A loaded `Predictor`
            keeps its own setting.
        blur_strength: sigma of the blur as a fraction of the longer side.
        frame_rate: of numbered pictures as input, frames per second; 25 if omitted.
        resume: continue a stopped run with the same settings; begin where none left anything.
        threads: processor threads of the network; all of them if omitted. A loaded `Predictor`
            keeps its own.
        delegate: library that runs a `.tflite` model on an accelerator; see `tfmatting.load`.
        progress: wraps the frames and is called as `tqdm.tqdm` is, with `total`, `unit` and
            `initial`.

    Returns:
        A `VideoReport`.

    Raises:
        MissingFileError: the video or the model does not exist.
        InputError: a file that is not a video, an unknown option, a background for `alpha`, an
            output that is the video or the background, or settings that differ from those of the
            run to resume.
        UnfinishedRunError: an earlier run left segments, and `resume` is false.
        MissingExtraError: PyAV or the runtime of the model is not installed.
        OSError: the output cannot be written.

    Example:
        >>> import av, numpy, tfmatting
        >>> with av.open("clip.mp4", "w") as clip:
        ...     stream = clip.add_stream("libx264", rate=25)
        ...     stream.width, stream.height = 64, 48
        ...     for level in (40, 60):
        ...         pixels = numpy.full((48, 64, 3), level, "uint8")
        ...         clip.mux(stream.encode(av.VideoFrame.from_ndarray(pixels)))
        ...     clip.mux(stream.encode())
        >>> report = tfmatting.matte_video("clip.mp4", "result.mp4", background="#00aa55")
        >>> report.frames, report.problems
        (2, [])
    """
    video, output = Path(video), Path(output)
    check_matte_alone(alpha, background)
    smoother = make_smoother(smooth)
    rate = None if frame_rate is None else parse_frame_rate(frame_rate)
    settings = {
        "video": fingerprint(video),
        "frame_rate": str(rate),
        "model": fingerprint(model),
        "background": fingerprint(background),
        "alpha": alpha,
        "side_by_side": side_by_side,
        "smooth": smooth,
        "refine": refine,
        "blur_strength": blur_strength,
    }
    with contextlib.ExitStack() as stack:
        behind = stack.enter_context(contextlib.closing(open_background(background, blur_strength)))
        composition = Composition(behind, alpha, side_by_side)
        check_output(
            output,
            transparent=composition.transparent,
            source=video,
            background=Path(background) if isinstance(background, (str, Path)) else None,
        )
        reader = stack.enter_context(VideoReader(video, rate))
        check_size(reader.facts.size, video)
        check_place(output, video)
        behind.fit(reader.facts.geometry.upright().pixel_aspect)
        segments = Segments(output, settings, resume=resume)
        if isinstance(model, (str, Path)):
            model = load(model, refine=refine, threads=threads, delegate=delegate)
        pictures = matted(reader, model, composition.compose, smoother, after=segments.last_pts)
        write_video(
            pictures,
            reader,
            segments,
            output,
            size=composition.size(reader.facts.upright_size),
            transparent=composition.transparent,
            progress=progress,
        )
        problems = [*reader.problems, *behind.problems]
        return VideoReport(output, segments.frames, problems, [*segments.notes, *reader.notes])
