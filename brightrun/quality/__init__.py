"""Quality: checks decide about conversations, expectation suites about datasets."""
