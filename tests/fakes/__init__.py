"""Fakes: small stand-ins that behave, for tests of one layer."""
