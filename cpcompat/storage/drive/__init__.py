"""The supervisor's end of the drive: where it is, who holds it, what counts as a change of it."""
