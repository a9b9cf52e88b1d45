"""Training on several devices: which, who takes what, and what Keras needs for it."""
