"""Chaos as an experiment: builds are killed and disturbed, then the API's account is held against the ledger."""
