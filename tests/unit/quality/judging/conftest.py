"""The cases of judging and reading stand beside those of planning."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
