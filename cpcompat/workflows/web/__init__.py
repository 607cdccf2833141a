"""The web workflow: CircuitPython's own protocol, and a page for it, served by the supervisor."""
