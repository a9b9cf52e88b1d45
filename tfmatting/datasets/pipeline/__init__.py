"""The tf.data pipeline."""
