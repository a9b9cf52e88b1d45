"""Ctrl-C and SIGTERM: at any moment, within ten seconds, exit code 130, and --resume goes on."""

import csv
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STOPS = 20
LONGEST = 30.0
"""Seconds: the first epoch of a run is over after about half of them."""


def start(*words, cwd):
    return subprocess.Popen(
        [sys.executable, *map(str, words)], cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, preexec_fn=_as_from_a_shell,
    )  # fmt: skip


def _as_from_a_shell():
    """A suite that runs in the background ignores Ctrl-C, and so would its children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def ends(process, number):
    """Send a signal; return the exit code, the seconds until then, and the last line."""
    sent = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - sent, err.strip().splitlines()[-1:]


def train(folder, *words, epochs=3):
    return start(
        ROOT / "train.py", "--stage", "joint", "--set", "batch_size=4",
        "--smoke", "--epochs", epochs, "--output", folder, *words, cwd=folder,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("stop", range(STOPS))
def test_training_stops_at_any_moment(tmp_path, stop):
    """Moments are spread over the start, the first epochs, and all after them."""
    moment = random.Random(stop).uniform(stop, stop + 1) * LONGEST / STOPS + 1
    process = train(tmp_path, epochs=30)
    try:
        process.wait(moment)
        pytest.fail(f"ended by itself: {process.communicate()}")
    except subprocess.TimeoutExpired:
        pass
    code, seconds, line = ends(process, (signal.SIGINT, signal.SIGTERM)[stop % 2])
    assert (code, line) == (130, ["Interrupted. Continue with --resume."])
    assert seconds < 10
    assert not list(tmp_path.rglob(".writing-*"))


@pytest.mark.slow
def test_a_run_that_is_stopped_again_and_again_is_resumed_to_its_end(tmp_path):
    for number, moment in ((signal.SIGINT, 2), (signal.SIGTERM, 18), (signal.SIGINT, 12)):
        process = train(tmp_path, "--resume")
        time.sleep(moment)
        if process.poll() is None:
            assert ends(process, number)[0] == 130
    process = train(tmp_path, "--resume")
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    for stage in ("classifier", "fusion", "joint"):
        with (tmp_path / "lfm" / stage / "history.csv").open() as file:
            assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2", "3"]


def test_a_command_that_does_not_stop_is_ended(tmp_path):
    program = """
        import sys
        import time
        from tfmatting import interruption
        from tfmatting.cli.errors import run_safely
        from tfmatting.files import atomic_path

        interruption.GRACE_SECONDS = 0.5

        def stubborn():
            with atomic_path("half.txt") as path:
                path.write_text("half")
                said = False
                while True:
                    try:
                        if not said:
                            said = True
                            print("ready", flush=True)
                        time.sleep(9)
                    except KeyboardInterrupt:
                        pass

        sys.exit(run_safely("train", stubborn))
    """
    process = start("-c", textwrap.dedent(program), cwd=tmp_path)
    assert process.stdout.readline() == "ready\n"
    code, seconds, line = ends(process, signal.SIGTERM)
    assert (code, line) == (130, ["Interrupted. Continue with --resume."])
    assert 0.4 < seconds < 5
    assert not list(tmp_path.iterdir())


def test_signals_are_handled_as_before_after_a_command():
    from tfmatting.cli.errors import run_safely

    before = signal.getsignal(signal.SIGTERM), signal.set_wakeup_fd(-1)
    assert run_safely("models", lambda: 0) == 0
    assert (signal.getsignal(signal.SIGTERM), signal.set_wakeup_fd(-1)) == before
    assert run_safely("models", _interrupted) == 130


def _interrupted():
    raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("step", (1, 4))
def test_a_script_that_is_interrupted_while_it_trains_ends_by_itself(tmp_path, step):
    """Without `StoppableCalls.stop`, this aborts ("terminate called") or hangs."""
    program = f"""
        import os
        import signal
        import sys
        import tfmatting
        from tfmatting.training.callbacks.interruption import StopOnInterrupt

        after = StopOnInterrupt.on_train_batch_end

        def interrupt(self, batch, logs=None):
            if batch == {step}:
                os.kill(os.getpid(), signal.SIGINT)
            after(self, batch, logs)

        StopOnInterrupt.on_train_batch_end = interrupt
        try:
            tfmatting.train(
                "tnet", recipe="original", input_size=(96, 96), batch_size=8, epochs=3,
                backbone_weights="none", output="runs", report=lambda line: None)
        except KeyboardInterrupt:
            print("interrupted")
            sys.exit(130)
    """
    process = start("-c", textwrap.dedent(program), cwd=tmp_path)
    try:
        out, err = process.communicate(timeout=100)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert out.endswith("interrupted\n")
