"""Fine-tuning for small files: quantization-aware training and pruning."""
