"""How training samples are varied: geometry, colour, new scenes, earlier frames."""
