"""Small videos made on the spot."""

from fractions import Fraction

import numpy as np
import pytest

av = pytest.importorskip("av", reason="video needs PyAV")

SIZE = (48, 64)
RATE = 10


def write_video(
    path,
    frames=12,
    *,
    rotation=0,
    sound=True,
    codec="libx264",
    times=None,
    units=1000,
    size=SIZE,
    start=0,
    noise=False,
    container_options=None,
):
    """A bright square that moves right; a tone of 440 Hz; times in 1 / units seconds if given."""
    generator = np.random.default_rng(0)
    container = av.open(str(path), "w", options=container_options or {})
    stream = container.add_stream(codec, rate=RATE)
    stream.height, stream.width = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, units)
    if rotation:
        stream.set_display_rotation(rotation)
    voice = container.add_stream("aac", rate=16000) if sound else None
    for index in range(frames):
        picture = np.full((*size, 3), 40, np.uint8)
        if noise:
            picture = generator.integers(0, 100, picture.shape, np.uint8)
        picture[8:24, 2 + 3 * index : 18 + 3 * index] = (230, 200, 60)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = times[index] if times else (start + index) * units // RATE
        frame.time_base = Fraction(1, units)
        container.mux(stream.encode(frame))
        if voice:
            t = (np.arange(1600) + 1600 * index) / 16000
            wave = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[None]
            tone = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            tone.sample_rate, tone.pts, tone.time_base = 16000, 1600 * index, Fraction(1, 16000)
            container.mux(voice.encode(tone))
    container.mux(stream.encode())
    if voice:
        container.mux(voice.encode())
    container.close()
    return path


def facts(path):
    """What must be the same of input and output."""
    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        frames = list(container.decode(picture))
        times = [float(frame.pts * frame.time_base) for frame in frames]
        rotation = round(frames[0].rotation)
        size = (frames[0].height, frames[0].width)
    with av.open(str(path)) as container:
        tones = [
            (sound.codec_context.name, sum(packet.size for packet in container.demux(sound)))
            for sound in container.streams.audio
        ]
    return {"times": times, "rotation": rotation, "size": size, "sound": tones}


class BrightPredictor:
    """Stands in for a model: bright pixels are the person."""

    def stream(self):
        return self

    def alpha(self, frame):
        return (frame.max(axis=2) > 128).astype(np.float32)


@pytest.fixture
def video(tmp_path):
    return write_video(tmp_path / "in.mp4")
