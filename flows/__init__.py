"""The flows: what Prefect runs, each readable from top to bottom."""
