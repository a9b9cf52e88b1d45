"""Presentation times: properties over any input."""

import itertools
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.video.conftest import BrightPredictor, facts, write_video
from tfmatting.video.matte import matte_video
from tfmatting.video.times import RisingTimes, decode_times

TIMES = st.integers(-(2**40), 2**40)


def test_decode_times_of_a_known_order():
    shown = [0, 40, 20, 10, 30, 80, 60, 50, 70]
    assert decode_times(shown) == [-20, -10, 0, 10, 20, 30, 40, 50, 60]
    assert decode_times([5, 6, 9]) == [5, 6, 9]


@given(st.lists(TIMES, unique=True))
def test_decode_times_rise_and_none_is_later_than_its_presentation(shown):
    decoded = decode_times(shown)
    assert len(decoded) == len(shown)
    assert all(before < after for before, after in itertools.pairwise(decoded))
    assert all(early <= late for early, late in zip(decoded, shown, strict=True))


@given(st.lists(TIMES, unique=True).map(sorted))
def test_without_reordering_decode_times_are_the_presentation_times(shown):
    assert decode_times(shown) == shown


@given(st.lists(st.none() | TIMES))
def test_accepted_times_rise_whatever_comes(given_times):
    times = RisingTimes()
    accepted = [time for time in map(times.accept, given_times) if time is not None]
    assert all(before < after for before, after in itertools.pairwise(accepted))
    assert bool(accepted) == bool(given_times)
    assert times.last == (accepted[-1] if accepted else None)


@given(st.lists(TIMES, unique=True).map(sorted))
def test_rising_times_are_accepted_unchanged(given_times):
    times = RisingTimes()
    assert [times.accept(time) for time in given_times] == given_times


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=14),
    st.sampled_from([".mp4", ".mkv"]),
    st.sampled_from([1000, 90_000]),
)
def test_every_frame_of_a_video_with_any_gaps_keeps_its_time(gaps, suffix, units):
    """Gaps of 1/1000 or 1/90000 second: the latter lie within a millisecond of each other."""
    times = np.cumsum([0, *gaps]).tolist()
    suffix = ".mp4" if units > 1000 else suffix  # .mkv holds milliseconds
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "in.mp4"
        write_video(source, len(times), times=times, units=units, sound=False)
        target = Path(folder) / f"out{suffix}"
        report = matte_video(source, target, model=BrightPredictor(), background="#0000ff")
        assert report.frames == len(times) and report.problems == []
        before, after = facts(source)["times"], facts(target)["times"]
    assert len(after) == len(times)
    np.testing.assert_allclose(np.diff(after), np.diff(before), atol=1e-9)
    np.testing.assert_allclose(np.diff(before), np.array(gaps) / units, atol=1e-9)
