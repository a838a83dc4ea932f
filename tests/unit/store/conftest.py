"""Jobs of these tests' own."""

pytest_plugins = ["small_jobs"]
