"""The records of the export's tests and the catalogs of the planning's serve here too."""

import sys
from pathlib import Path

UNIT = Path(__file__).parents[1]
sys.path[:0] = [str(UNIT), str(UNIT / "export")]
