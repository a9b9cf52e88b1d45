# Two images: `light` cuts people out, `train` also trains and exports.
#
#   docker build --target light -t tfmatting .
#   docker run --rm -v "$PWD:/work" tfmatting matte photo.jpg -o cutout.png
#   docker run --rm -p 8017:8017 tfmatting serve --host 0.0.0.0
#   docker build --target train -t tfmatting:train .
#   docker run --rm -v "$PWD:/work" tfmatting:train train --model tnet --data data
#
# With a NVIDIA card, build with --build-arg TENSORFLOW="tensorflow[and-cuda]" and run with --gpus all.
ARG PYTHON=3.13

FROM node:22-slim AS page
WORKDIR /source/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
WORKDIR /source
COPY web web
COPY tfmatting/shipped tfmatting/shipped
WORKDIR /source/web
RUN npm run build

FROM python:${PYTHON}-slim AS wheel
WORKDIR /source
COPY . .
COPY --from=page /source/tfmatting/page tfmatting/page
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:${PYTHON}-slim AS light
# OpenCV's window libraries; a pinned version would vanish from the mirrors
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=wheel /wheels /wheels
RUN pip install --no-cache-dir "$(echo /wheels/*.whl)[heif,serve,video]" \
    && useradd --create-home --uid 1000 person
USER 1000
WORKDIR /work
ENTRYPOINT ["tfmatting"]
CMD ["--help"]

FROM light AS train
ARG TENSORFLOW=tensorflow
USER root
RUN pip install --no-cache-dir "$(echo /wheels/*.whl)[train,onnx,plots,refine]" "${TENSORFLOW}==2.21.0"
USER 1000
