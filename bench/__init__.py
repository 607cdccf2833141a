"""The benchmarks: ``make bench`` measures and writes one table, ``bench/RESULTS.md``."""
