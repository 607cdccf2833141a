"""The ``cpcompat`` command."""
