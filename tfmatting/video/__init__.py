"""Video in, video out: decoding, matting, composing and encoding overlap; audio and timing stay."""
