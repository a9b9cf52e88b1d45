"""The tf.data pipeline: from sample sources to the batches that `model.fit` takes."""
