"""`tfmatting serve --api` with many clients at a time, some of them broken, slow or hostile."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz.seeds import picture

pytest.importorskip("uvicorn")

SERVER = """
import sys, time
import numpy as np
from pathlib import Path
from tfmatting.serving import matte_request
from tfmatting.serving.api import Limits, bind, listen, make_app
from tfmatting.serving.page import Page

class Predictor:
    def alpha(self, image):
        time.sleep(0.02)
        return np.ones(image.shape[:2], np.float32)

matte_request.SILENCE = 1
app = make_app(Page(Path(sys.argv[1])), Predictor(), limits=Limits(1, 1, 8, 20))
listening = bind("127.0.0.1", 0)
print(listening.getsockname()[1], flush=True)
listen(app, listening)
"""
CLIENTS = 200
MEMORY = 400_000_000
"""Bytes that the server may take beyond what it has before the first request."""
FORM = b"--x\r\nContent-Disposition: form-data; name=photo; filename=a\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server's process, its port, and the file of what it writes on stderr."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "index.html").write_text("the page")
    log = folder / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(folder)],
            stdout=subprocess.PIPE, stderr=file, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    assert process.stdout is not None
    try:
        port = process.stdout.readline()
        assert port, log.read_text()
        yield process, int(port), log
    finally:
        process.kill()
        process.communicate()


def memory(process, name: str) -> int:
    """Bytes of a process: `VmRSS` now, `VmHWM` at its highest."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if name in line)


def request(body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = ["POST /matte HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def ask(port: int, *parts: bytes, pause: float = 0.0, leave: bool = False) -> int:
    """Send a request in parts; return the status of its answer, 0 for a client that leaves."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            with contextlib.suppress(ConnectionError):
                await writer.drain()
            await asyncio.sleep(pause)
        if leave:
            return 0
        line = await asyncio.wait_for(reader.readline(), 100)
        return int(line.split()[1])
    finally:
        writer.close()


def kinds(port: int):
    """Each kind of client, and the statuses that it may get when there is room for it."""
    photo = picture("PNG")
    good = request(photo)
    boundary = "Content-Type: multipart/form-data; boundary=x"
    return {
        "good": (lambda: ask(port, good), {200}),
        "form": (lambda: ask(port, request(FORM + photo + b"\r\n--x--\r\n", boundary)), {200}),
        "states too much": (lambda: ask(port, request(b"x", length=10**12)), {413}),
        "sends too much": (
            lambda: ask(port, request(b"x" * 1_100_000, "Transfer-Encoding: identity")), {413, 400}
        ),
        "no picture": (lambda: ask(port, request(b"no picture" * 99)), {415}),
        "broken picture": (lambda: ask(port, request(photo[: len(photo) // 2])), {415}),
        "form without end": (lambda: ask(port, request(FORM + photo, boundary)), {400, 200}),
        "form without boundary": (
            lambda: ask(port, request(b"--", "Content-Type: multipart/form-data")), {400}
        ),
        "unknown charset": (
            lambda: ask(port, request(FORM + b"\r\n--x--\r\n", boundary + "; charset=none")),
            {400, 415},
        ),
        "slow": (lambda: ask(port, good[:150], good[150:160]), {408}),
        "leaves": (lambda: ask(port, good[:200], leave=True), {0}),
        "no request": (lambda: ask(port, b"\x16\x03\x01" * 50 + b"\r\n\r\n"), {400}),
        "other host": (lambda: ask(port, good.replace(b"localhost", b"evil.example")), {400}),
    }  # fmt: skip


def test_each_kind_of_client_alone(server):
    _, port, _ = server
    for name, (client, expected) in kinds(port).items():
        assert asyncio.run(client()) in expected, name


def test_many_clients_at_a_time(server):
    """All are answered: with what they get alone, or told that there is no room now."""
    process, port, log = server
    before = memory(process, "VmRSS")
    clients = list(kinds(port).items())

    async def all_of_them() -> list[tuple[str, int]]:
        chosen = [clients[number % len(clients)] for number in range(CLIENTS)]
        statuses = await asyncio.gather(*(client() for _, (client, _) in chosen))
        return [(name, status) for (name, _), status in zip(chosen, statuses, strict=True)]

    answers = asyncio.run(all_of_them())
    expected = {name: statuses for name, (_, statuses) in clients}
    wrong = Counter((n, status) for n, status in answers if status not in expected[n] | {503})
    assert not wrong
    assert 200 in {status for _, status in answers}
    assert asyncio.run(ask(port, request(picture("PNG")))) == 200, "it has no room afterwards"
    assert memory(process, "VmHWM") - before < MEMORY
    assert process.poll() is None
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.mark.parametrize("target", ["/%00", "/" + "a" * 5000, "/../../etc/passwd", "/%2e%2e/setup"])
def test_names_that_no_file_can_have(server, target):
    _, port, log = server
    asked = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    assert asyncio.run(ask(port, asked)) == 404
    assert "Traceback" not in log.read_text()
