"""Video in, video out: decoding, matting and encoding that overlap, sound and timing kept."""
