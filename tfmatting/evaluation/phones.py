"""How to time a `.tflite` file on a phone, which this machine cannot do."""

ON_A_PHONE = """On an Android phone LiteRT's own benchmark binary times a .tflite file:
  adb push benchmark_model model.tflite /data/local/tmp/
  adb shell chmod +x /data/local/tmp/benchmark_model
  adb shell /data/local/tmp/benchmark_model --graph=/data/local/tmp/model.tflite \\
      --num_threads=4 --warmup_runs=5 --num_runs=50
  GPU: add --use_gpu=true (float files). NNAPI: add --use_nnapi=true (int8 files).
  The binary (android_aarch64) is on the LiteRT performance page of ai.google.dev/edge."""
