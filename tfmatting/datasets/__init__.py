"""Training data: readers of published layouts, augmentation, and the tf.data pipeline."""
