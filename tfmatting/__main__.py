"""`python -m tfmatting`."""

import sys

from tfmatting.cli import main

sys.exit(main())
