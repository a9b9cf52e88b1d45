"""Training on several devices: the shares of a batch, replicas, workers."""

import json
import os
import signal
import socket
import subprocess
import sys
from itertools import product
from pathlib import Path

import keras
import numpy as np
import pytest

from tfmatting.datasets.pipeline.dataset import make_dataset
from tfmatting.datasets.pipeline.settings import PipelineSettings
from tfmatting.datasets.pipeline.share import Share
from tfmatting.datasets.synthesis import sample_listing
from tfmatting.training.distribution import keras_cure
from tfmatting.training.distribution.cluster import read_cluster
from tfmatting.training.distribution.distribution import ALONE, Distribution, open_distribution
from tfmatting.training.train import train

ROOT = Path(__file__).parents[3]
REPLICAS = [sys.executable, "-m", "tests.unit.training.replicas"]


def shares(workers, replicas):
    return [Share(worker, workers, replicas) for worker in range(workers)]


@pytest.mark.parametrize(("workers", "replicas"), list(product((1, 2, 3), (1, 2))))
def test_every_sample_is_evaluated_once_and_no_piece_is_empty(workers, replicas):
    every = workers * replicas
    for count, batch_size in product((*range(every, 30), 100), (every, 4 * every)):
        given, pieces = [], set()
        for share in shares(workers, replicas):
            parts = share.of_evaluation(count, batch_size)
            given += [place for places, _ in parts for place in places]
            assert all(len(places) % size == 0 for places, size in parts)
            pieces.add(sum(len(places) // size for places, size in parts))
            steps = share.evaluation_steps(count, batch_size)
        assert sorted(given) == list(range(count))
        assert pieces == {steps * replicas}


def test_samples_that_are_fewer_than_the_replicas_are_given_out_again():
    given = [share.of_evaluation(2, 8)[0][0].tolist() for share in shares(3, 1)]
    assert given == [[0], [1], [0]]


@pytest.mark.parametrize("shuffle", (True, False))
def test_pieces_of_all_workers_are_the_batches_of_one(shuffle):
    sources = sample_listing(9, size=(32, 32)).sources

    def images(share):
        settings = PipelineSettings((16, 16), 4, share=share, shuffle=shuffle, seed=5)
        return [inputs["image"].numpy() for inputs, _ in make_dataset(sources, settings, epochs=1)]

    whole = images(Share())
    pieces = [images(share) for share in shares(2, 2)]  # a worker's: replica 0, 1, 0, 1, ...
    assert len({len(ours) for ours in pieces}) == 1
    if shuffle:
        assert [len(batch) for batch in whole] == [4, 4]
        for step, batch in enumerate(whole):
            ours = [piece for worker in pieces for piece in worker[2 * step : 2 * step + 2]]
            np.testing.assert_array_equal(np.concatenate(ours), batch)
    else:
        ours = np.concatenate([piece for worker in pieces for piece in worker])
        assert sorted(map(bytes, ours)) == sorted(map(bytes, np.concatenate(whole)))


@pytest.mark.parametrize(
    ("cluster", "task", "place"),
    [
        ({"worker": ["a:1", "b:1"]}, {"type": "worker", "index": 1}, (1, 2)),
        ({"chief": ["a:1"], "worker": ["b:1", "c:1"]}, {"type": "chief", "index": 0}, (0, 3)),
        ({"chief": ["a:1"], "worker": ["b:1", "c:1"]}, {"type": "worker", "index": 1}, (2, 3)),
    ],
)
def test_the_place_in_a_cluster_is_counted_from_the_chief(monkeypatch, cluster, task, place):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": task}))
    assert read_cluster() == place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "TF_CONFIG. Received: none"),
        ("{", "is JSON with a cluster"),
        ('{"cluster": {"worker": ["a:1"]}}', "is JSON with a cluster"),
        (
            '{"cluster": {"ps": ["a:1"]}, "task": {"type": "ps", "index": 0}}',
            "A cluster has workers",
        ),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
            "Received: worker 1 of",
        ),
    ],
)
def test_a_cluster_that_cannot_be_used_is_refused(monkeypatch, text, message):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ValueError, match=message):
        open_distribution("multi-worker", synchronized_batch_norm=False, report=print)


def test_what_cannot_be_distributed_is_refused(tmp_path):
    with pytest.raises(ValueError, match="--batch-size 9"):
        Distribution(share=Share(0, 3, 1)).check_batch(8)
    ALONE.check_batch(7)
    with pytest.raises(ValueError, match="single, mirrored, multi-worker. Received: 'tpu'"):
        open_distribution("tpu", synchronized_batch_norm=False, report=print)
    with pytest.raises(ValueError, match="leave --synchronized-batch-norm out"):
        open_distribution(None, synchronized_batch_norm=True, report=print)
    with pytest.raises(ValueError, match="computes on one device"):
        train("tnet", output=tmp_path, quantize_aware=True, strategy="mirrored")


def test_keras_is_the_one_that_the_cure_knows():
    """When this fails: see whether `test_keras_fails_without_the_cure` does, and mend the cure."""
    assert keras.__version__.startswith(keras_cure.KNOWN)


def mirrored(folder, *cases):
    """Train on one and on two logical devices, in a process that asks for them."""
    process = subprocess.run(
        [*REPLICAS, "mirrored", folder, *cases], cwd=ROOT, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    assert "2 replicas on 1 worker, batches of 4 in all, 2 a replica" in process.stdout
    return json.loads((folder / "results.json").read_text())


def assert_alike(one, two, tolerance):
    np.testing.assert_allclose(one["weights"], two["weights"], atol=tolerance, rtol=0)
    np.testing.assert_allclose(one["figures"], two["figures"], atol=tolerance, rtol=1e-4)


def test_replicas_with_frozen_statistics_learn_what_one_device_learns(tmp_path):
    """Gradients are clipped, weights averaged and penalized. Tolerance: sums in another order."""
    results = mirrored(tmp_path, "frozen")
    assert_alike(results["frozen single"], results["frozen mirrored"], 1e-6)
    config = json.loads((tmp_path / "2" / "frozen" / "config.json").read_text())
    assert config["distribution"] == {
        "strategy": "mirrored",
        "workers": 1,
        "replicas": 2,
        "global_batch_size": 4,
        "batch_size_of_a_replica": 2,
        "batch_norm_statistics": "per replica",
    }
    assert config["seed"] == 3


@pytest.mark.slow
def test_replicas_of_every_kind_of_stage_learn_what_one_device_learns(tmp_path):
    """The loss without labels has small gradients, whose rounding Adam enlarges."""
    results = mirrored(tmp_path, "prior", "unlabelled")
    for name, tolerance in (("prior", 1e-6), ("unlabelled", 5e-6)):
        assert_alike(results[f"{name} single"], results[f"{name} mirrored"], tolerance)


@pytest.mark.slow
def test_statistics_are_of_each_replica_or_synchronized(tmp_path):
    """Tolerance: Keras takes a synchronized variance as the difference of two means."""
    results = mirrored(tmp_path, "learning")
    single, own, synchronized = (
        results[name] for name in ("learning single", "learning mirrored", "synchronized")
    )
    assert_alike(single, synchronized, 1e-5)
    assert np.abs(np.subtract(single["weights"], own["weights"])).max() > 1e-3
    for result in (own, synchronized):
        first, second = result["replicas"]
        assert first == second


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def workers(folder, *words, count=2):
    """Run workers to their end; (exit code, output, errors) of each."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    folder.mkdir(exist_ok=True)
    processes = []
    for index in range(count):
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": addresses}, "task": task})
        processes.append(
            subprocess.Popen(
                [*REPLICAS, "worker", folder, *words],
                cwd=ROOT,
                env={**os.environ, "TF_CONFIG": config},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
        )
    try:
        texts = [process.communicate(timeout=200) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(p.returncode, *text) for p, text in zip(processes, texts, strict=True)]


def result(folder, number):
    return json.loads((folder / f"worker_{number}.json").read_text())


@pytest.mark.slow
def test_two_workers_end_with_the_same_weights_and_the_chief_alone_writes(tmp_path):
    ends = workers(tmp_path)
    assert [code for code, *_ in ends] == [0, 0], ends
    first, second = (result(tmp_path, number) for number in (0, 1))
    assert first["weights"] == second["weights"]
    assert "2 replicas on 2 workers, batches of 4 in all, 2 a replica" in ends[0][1]
    assert len(first["figures"]) == 2 and second["figures"] == []
    assert len(list((tmp_path / "run").rglob("events*"))) == 3  # train, validation, grids
    assert len(list((tmp_path / "run" / "grids").iterdir())) == 2


@pytest.mark.slow
def test_a_run_that_lost_a_worker_is_resumed_as_if_it_had_not(tmp_path):
    assert [code for code, *_ in workers(tmp_path / "whole")] == [0, 0]
    (_, _, err), (killed, *_) = ends = workers(tmp_path / "cut", "1:SIGKILL")
    assert ends[0][0] == 2 and killed == -signal.SIGKILL
    assert "Start all of them again with --resume" in err.splitlines()[-1]
    assert [code for code, *_ in workers(tmp_path / "cut", "resume")] == [0, 0]
    whole, cut = (result(tmp_path / name, 0) for name in ("whole", "cut"))
    assert whole["weights"] == cut["weights"]
    assert whole["figures"] == cut["figures"]


@pytest.mark.slow
@pytest.mark.parametrize("words", (["0:SIGINT", "1:SIGINT"], ["1:SIGTERM"]))
def test_an_interrupt_of_any_worker_ends_all_of_them(tmp_path, words):
    for code, _, err in workers(tmp_path, *words):
        assert (code, err.splitlines()[-1]) == (130, "Interrupted. Continue with --resume.")
    assert not list(tmp_path.rglob(".writing-*"))


@pytest.mark.slow
def test_a_worker_that_cannot_start_stops_all_with_its_reason(tmp_path):
    for code, _, err in workers(tmp_path, "resume", "1:elsewhere"):
        assert code == 2
        assert "All workers do the same" in err.splitlines()[-1]


@pytest.mark.slow
def test_keras_fails_without_the_cure(tmp_path):
    """When this fails, Keras has been mended: take the cure's first part away."""
    ends = workers(tmp_path, "uncured")
    assert all(code == 2 for code, *_ in ends)
    assert any("Attempt to convert a value ({'image': PerReplica" in err for *_, err in ends)
