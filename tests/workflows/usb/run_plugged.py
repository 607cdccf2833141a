"""``cpcompat`` with the kernel's gadget in another place: run_plugged.py CONFIGFS CONTROLLERS WORDS…"""

from __future__ import annotations

import sys
from pathlib import Path

from cpcompat.workflows.usb import gadget

if __name__ == "__main__":
    gadget.CONFIGFS, gadget.CONTROLLERS = Path(sys.argv[1]), Path(sys.argv[2])
    from cpcompat.cli import main

    sys.exit(main(sys.argv[3:]))
