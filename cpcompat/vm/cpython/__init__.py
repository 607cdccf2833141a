"""The modules that CPython has too, as a program on a drive sees them (one file per module).

Each has a function ``build`` that makes the module for one drive.
"""
