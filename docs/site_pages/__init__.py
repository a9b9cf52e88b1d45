"""What the documentation makes from the code, one kind of page a file."""
