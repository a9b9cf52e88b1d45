"""The HTTP API of `tfmatting serve --api` on many cores or machines, with Ray Serve.

    pip install 'tfmatting[serve]' 'ray[serve]'
    cd examples/serving && serve run ray_serve:app
    curl --data-binary @photo.jpg http://127.0.0.1:8000/matte > cutout.png

Each replica has a core and a model of its own. Photos that wait are taken as a batch: they share
one call from the proxy, and each is cut out in turn as soon as the one before it is done, since
the networks take one photo at a time and photos differ in size.
"""

from __future__ import annotations

import asyncio
import os

from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import tfmatting
from tfmatting.serving.api import Limits
from tfmatting.serving.matte_request import Job, RefusalError, matte_png, read_request

LIMITS = Limits()
MODEL = os.environ.get("TFMATTING_MODEL", "portrait")
LARGEST_BATCH, WAIT_SECONDS = 8, 0.01


@serve.deployment(
    ray_actor_options={"num_cpus": 1},
    max_ongoing_requests=2 * LARGEST_BATCH,
    autoscaling_config={"min_replicas": 1, "max_replicas": 64, "target_ongoing_requests": 4},
)
class Matting:
    """A replica: one model, one thread."""

    def __init__(self):
        self._predictor = tfmatting.load(MODEL, threads=1)

    @serve.batch(max_batch_size=LARGEST_BATCH, batch_wait_timeout_s=WAIT_SECONDS)
    async def cut_out(self, jobs: list[Job]) -> list[bytes | RefusalError]:
        """Cut photos out on a thread, so that the replica goes on answering."""
        return await asyncio.to_thread(lambda: [self._one(job) for job in jobs])

    def _one(self, job: Job) -> bytes | RefusalError:
        try:
            return matte_png(self._predictor, job)
        except RefusalError as refusal:  # a broken photo costs the others of its batch nothing
            return refusal

    async def __call__(self, request: Request) -> Response:
        """Answer `POST /matte` as `tfmatting serve --api` does."""
        if request.url.path != "/matte" or request.method != "POST":
            return JSONResponse({"error": "POST /matte takes a photo."}, 404)
        try:
            answer = await self.cut_out(await read_request(request, LIMITS))
        except RefusalError as refusal:
            answer = refusal
        if isinstance(answer, RefusalError):
            return JSONResponse({"error": answer.message}, answer.status)
        return Response(answer, media_type="image/png")


app = Matting.bind()
