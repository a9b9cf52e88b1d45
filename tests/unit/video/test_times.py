"""Presentation times: properties over any input."""

import itertools
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.video.conftest import BrightPredictor, facts, write_video
from tfmatting.video.matte import matte_video
from tfmatting.video.times import decode_times, repair_times

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


STEPS = st.integers(1, 5000)


def repaired(times, step):
    numbered = list(repair_times(enumerate(times), step))
    assert [index for index, _ in numbered] == list(range(len(times)))  # no frame is dropped
    result = [time for _, time in numbered]
    assert all(before < after for before, after in itertools.pairwise(result))
    return result


@given(st.lists(st.none() | TIMES), STEPS)
def test_repaired_times_rise_and_no_frame_is_dropped_whatever_comes(times, step):
    repaired(times, step)


@given(st.lists(TIMES, unique=True).map(sorted), STEPS)
def test_times_that_rise_are_kept(times, step):
    assert repaired(times, step) == times


@given(st.integers(1, 100), STEPS)
def test_missing_times_follow_at_the_usual_distance(count, step):
    assert repaired([None] * count, step) == [step * index for index in range(count)]


@given(st.integers(0, 10_000), STEPS, st.integers(0, 30), st.randoms())
def test_times_in_the_order_of_coding_are_sorted(start, step, groups, random):
    ordered = [start + step * index for index in range(4 * groups)]
    coded = []
    for index in range(groups):
        group = ordered[4 * index : 4 * index + 4]
        random.shuffle(group)
        coded += group
    assert repaired(coded, step) == ordered


@given(st.integers(40, 90), st.integers(40, 90), STEPS)
def test_where_files_were_joined_the_times_go_on(first, second, step):
    times = [*range(0, first * step, step), *range(0, second * step, step)]
    assert repaired(times, step) == [step * index for index in range(first + second)]


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
