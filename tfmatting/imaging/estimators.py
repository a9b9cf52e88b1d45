"""The names of the foreground estimators, apart from the code: `--help` needs no OpenCV."""

ESTIMATORS = ("blur-fusion", "multilevel", "off")
