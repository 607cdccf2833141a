"""The tests of cpcompat."""
