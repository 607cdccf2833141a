"""cpcompat: a CircuitPython-compatible runtime and hardware layer for Linux single-board computers.

``import cpcompat`` changes nothing. `install` makes ``import board`` and its siblings mean this
package's modules in the running interpreter; the ``cpcompat`` command runs a whole drive.
"""

from __future__ import annotations

__all__ = ["__version__", "install"]

__version__ = "0.1.0"


def install() -> None:
    """Let ``import board``, ``import digitalio``, … find cpcompat's modules in this interpreter.

    A project's own module of the same name keeps winning; only Adafruit Blinka's, or none, is
    replaced. Calling it again does nothing.
    """
    from cpcompat.vm.names import install as install_finder

    install_finder()
