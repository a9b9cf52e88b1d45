"""Several processes: the same files as one, whatever happens to a process."""

import multiprocessing
import os
import signal

import numpy as np
import pytest

from tfmatting import processes
from tfmatting.errors import InputError, MissingFileError
from tfmatting.imaging.io import write_image
from tfmatting.inference import load
from tfmatting.photos import pool
from tfmatting.photos.folder import matte_folder
from tfmatting.photos.jobs import MatteJob
from tfmatting.photos.settings import MatteSettings


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    generator = np.random.default_rng(0)
    for number in range(6):
        write_image(folder / f"{number}.png", generator.integers(0, 256, (60, 50, 3), np.uint8))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    return folder


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_two_processes_write_the_same_bytes_and_report_in_order(tmp_path, photos, tiny_tflite):
    reports = [
        matte_folder(photos, tmp_path / f"out{workers}", model=tiny_tflite, workers=workers)
        for workers in (1, 2)
    ]
    assert files(tmp_path / "out1") == files(tmp_path / "out2")
    for report in reports:
        assert [one.photo.name for one in report.failures] == ["broken.jpg"]
    one, two = ([result.photo for result in report.results] for report in reports)
    assert one == two
    assert not multiprocessing.active_children()


def test_a_killed_process_costs_its_photo_one_retry(tmp_path, photos, tiny_tflite):
    jobs = [MatteJob(path, tmp_path / "out" / path.name) for path in sorted(photos.glob("*.png"))]
    seen = []
    for number, result in pool.matte_in_processes(MatteSettings(tiny_tflite), jobs * 8, 2):
        seen.append(number)
        assert result.error is None
        if len(seen) in (1, 5):
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    assert sorted(seen) == list(range(48))


class Diligent:
    """Hands each item back."""

    def __call__(self):
        return self.work

    def work(self, item):
        return item


def test_a_process_that_ended_after_its_answer_costs_nothing():
    """Its next item has not been begun: another process does it, and none is lost or done twice."""
    items = [f"{number}.png" for number in range(6)]
    done = []
    for number, item in processes.run_in_processes(Diligent(), items, 1, pytest.fail):
        done.append((number, item))
        if number in (1, 5):  # with items to follow, and with none
            process = multiprocessing.active_children()[0]
            os.kill(process.pid, signal.SIGKILL)
            process.join()
    assert sorted(done) == list(enumerate(items))


class Deadly:
    """Ends its process where a file says so, as the system does for want of memory."""

    def __call__(self):
        return self.work

    def work(self, item):
        if item == "large.png":
            os.kill(os.getpid(), signal.SIGKILL)
        return item


def test_a_photo_that_ends_its_process_twice_fails():
    items = ["a.png", "large.png", "b.png"]
    done = dict(processes.run_in_processes(Deadly(), items, 1, lambda item, end: (item, end)))
    assert done == {0: "a.png", 1: ("large.png", "signal 9"), 2: "b.png"}
    error = pool.lost(MatteJob("large.png", "out.png"), "signal 9").error
    assert "large.png ended twice (signal 9)" in str(error)


def test_processes_that_never_start_are_no_endless_loop(tmp_path, tiny_tflite, monkeypatch):
    class Dying:
        exitcode = 1

        def join(self):
            pass

        terminate = join

    def start(context, work):
        ours, theirs = context.Pipe()
        theirs.close()
        return processes.Worker(Dying(), ours)

    monkeypatch.setattr(processes, "_start", start)
    with pytest.raises(InputError, match=r"before their first photo \(exit code 1\)"):
        list(pool.matte_in_processes(MatteSettings(tiny_tflite), [], 2))


def test_leaving_early_ends_the_processes(tmp_path, photos, tiny_tflite):
    jobs = [MatteJob(path, tmp_path / path.name) for path in photos.glob("*.png")]
    running = pool.matte_in_processes(MatteSettings(tiny_tflite), jobs, 2)
    next(running)
    running.close()
    assert not multiprocessing.active_children()


def test_a_model_that_cannot_be_loaded_is_refused_once(tmp_path, photos):
    with pytest.raises(MissingFileError, match="No model at missing"):
        matte_folder(photos, tmp_path / "out", model="missing", workers=2)


def test_how_many_processes(tmp_path, tiny_tflite, monkeypatch):
    monkeypatch.setattr(pool, "cores", lambda: 4)
    few, many = ([MatteJob(tmp_path, tmp_path)] * count for count in (4, 5))
    assert pool.choose_workers(None, MatteSettings(), few) == 1
    assert pool.choose_workers(None, MatteSettings(), many) == 4
    assert pool.choose_workers(None, MatteSettings(threads=2), many) == 1
    loaded = MatteSettings(load(tiny_tflite))
    assert pool.choose_workers(None, loaded, many) == 1
    with pytest.raises(InputError, match="loaded Predictor"):
        pool.choose_workers(2, loaded, many)
    with pytest.raises(InputError, match="1 or more. Received: 0"):
        pool.choose_workers(0, MatteSettings(), many)
