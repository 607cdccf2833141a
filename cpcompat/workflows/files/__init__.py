"""The drive as workflows see it: jailed, and changed in whole steps."""
