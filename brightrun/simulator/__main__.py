"""`python -m brightrun.simulator`: a simulator alone."""

import sys

from brightrun.simulator.command import main

sys.exit(main())
