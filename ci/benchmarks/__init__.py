"""Benchmarks: `ci/bench NAME` prints a table, `ci/bench NAME --json` the same as data."""
