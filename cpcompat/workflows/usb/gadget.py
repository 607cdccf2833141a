"""The kernel's USB gadget: made and removed by root, then used by whoever runs the board.

Source: Linux ``Documentation/usb/gadget_configfs.rst`` and ``mass-storage.rst``.
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from cpcompat.errors import CpcompatError

NAME = "cpcompat"
CONFIGFS = Path("/sys/kernel/config")
CONTROLLERS = Path("/sys/class/udc")
_GADGET = Path("usb_gadget", NAME)
_STORAGE, _CONSOLE = "functions/mass_storage.0", "functions/acm.console"
_SLOT = "functions/mass_storage.0/lun.0"
_STRINGS, _CONFIG = "strings/0x409", "configs/c.1"
_LENT = ("file", "ro", "forced_eject")
"""What of the slot belongs to whoever runs the board."""
_CONNECTED = frozenset({"addressed", "configured", "suspended"})
_ENABLE = (
    "A Raspberry Pi Zero, 3A+, 4, 5 or Compute Module can be a USB device: put «dtoverlay=dwc2,dr_mode="
    "peripheral» into /boot/firmware/config.txt, restart, and use its USB port (Zero) or its power port "
    "(4, 5). See docs/usb.md."
)
_ROOT = (
    "Run it as root: «sudo cpcompat usb on DRIVE». The kernel lets nobody else make a USB device."
)


class Identity(NamedTuple):
    """What the host is told of the device.

    Attributes:
        product: What it is called, the board's name.
        serial: The same for the same drive.
        vendor_id: The Linux Foundation's, and with it the product's.
        product_id: Its multifunction composite gadget's.
    """

    product: str
    serial: str
    vendor_id: int = 0x1D6B
    product_id: int = 0x0104


def serial_of(drive: Path) -> str:
    """Return the serial number of a drive's device: 16 hexadecimal digits that follow from its path."""
    return hashlib.sha256(os.fsencode(drive)).hexdigest()[:16].upper()


def controllers() -> list[str]:
    """Return the names of the USB device controllers that this computer has."""
    return sorted(path.name for path in CONTROLLERS.glob("*"))


class Gadget:
    """The one gadget of this project on a computer.

    Args:
        configfs: Where the kernel's configfs is mounted; None for its usual place.
    """

    def __init__(self, configfs: Path | None = None) -> None:
        self.root = (configfs or CONFIGFS) / _GADGET

    @property
    def serial(self) -> str:
        """Whose drive it is, as `serial_of` gives it; empty where there is no gadget."""
        return _read(self.root / _STRINGS / "serialnumber")

    @property
    def controller(self) -> str:
        """The controller that it is bound to, empty if to none."""
        return _read(self.root / "UDC")

    @property
    def slot(self) -> Path:
        """The folder of the drive's slot."""
        return self.root / _SLOT

    def make(self, identity: Identity, controller: str, owner: int) -> None:
        """Make it, and let the host see it; the drive's slot is empty at first.

        Args:
            identity: What the host is told.
            controller: The controller, one of `controllers`.
            owner: Who runs the board, a user id.

        Raises:
            CpcompatError: It cannot be made; the message says why.
        """
        if not self.root.parent.is_dir():
            raise CpcompatError("the kernel has no USB gadgets here", "sudo modprobe libcomposite")
        if self.root.exists():
            self.remove()
        try:
            self._make(identity)
            for name in _LENT:
                if (self.slot / name).exists():
                    os.chown(self.slot / name, owner, -1)
            _write(self.root / "UDC", controller)
        except OSError as error:
            self.remove()
            raise _refused(error, controller) from error

    def _make(self, identity: Identity) -> None:
        for folder in ("", _STRINGS, _CONFIG, f"{_CONFIG}/{_STRINGS}", _CONSOLE, _STORAGE):
            (self.root / folder).mkdir()
        # Class, subclass and protocol of a device with several functions, which Windows needs.
        for name, value in (
            ("idVendor", f"{identity.vendor_id:#06x}"),
            ("idProduct", f"{identity.product_id:#06x}"),
            ("bcdUSB", "0x0200"),
            ("bDeviceClass", "0xEF"),
            ("bDeviceSubClass", "0x02"),
            ("bDeviceProtocol", "0x01"),
            (f"{_STRINGS}/serialnumber", identity.serial),
            (f"{_STRINGS}/manufacturer", NAME),
            (f"{_STRINGS}/product", identity.product),
            (f"{_CONFIG}/{_STRINGS}/configuration", "console and drive"),
            (f"{_SLOT}/removable", "1"),
            (f"{_SLOT}/inquiry_string", f"{NAME:8}{'drive':16}0001"),
        ):
            _write(self.root / name, value)
        # The host numbers the functions in the order of these links.
        for function in (_CONSOLE, _STORAGE):
            (self.root / _CONFIG / Path(function).name).symlink_to(self.root / function)

    def remove(self) -> None:
        """Remove it, in the reverse order, whatever there is of it."""
        if not self.root.exists():
            return
        if self.controller:
            _write(self.root / "UDC", "\n")
        for function in (_STORAGE, _CONSOLE):
            (self.root / _CONFIG / Path(function).name).unlink(missing_ok=True)
        for folder in (f"{_CONFIG}/{_STRINGS}", _CONFIG, _STORAGE, _CONSOLE, _STRINGS, ""):
            if (self.root / folder).is_dir():
                (self.root / folder).rmdir()


class Slot:
    """The drive's slot in the gadget.

    Args:
        gadget: The gadget.
    """

    def __init__(self, gadget: Gadget) -> None:
        self._slot = gadget.slot
        self._state = CONTROLLERS / gadget.controller / "state"

    @property
    def usable(self) -> bool:
        """Whether this user may put a medium in and take it out."""
        return all(os.access(self._slot / name, os.W_OK) for name in ("file", "ro"))

    @property
    def connected(self) -> bool:
        """Whether a host has taken the device up."""
        return _read(self._state) in _CONNECTED

    @property
    def told_by(self) -> Path:
        """The file that the kernel changes, and says so, when a host comes or goes.

        Source: the kernel's ``usb_gadget_set_state`` (udc/core.c) and ``kernfs_notify``.
        """
        return self._state

    @property
    def medium(self) -> str:
        """The path of the medium that is in, empty for none: the host may put it out."""
        return _read(self._slot / "file")

    def put_in(self, medium: Path, *, writable: bool) -> None:
        """Put a medium in the empty slot.

        Args:
            medium: The image.
            writable: Whether the host may write it.

        Raises:
            OSError: The kernel refuses it.
        """
        _write(self._slot / "ro", "0" if writable else "1")
        _write(self._slot / "file", str(medium))

    def ask_back(self) -> bool:
        """Take the medium out, unless the host has mounted it; return whether it is out."""
        try:
            _write(self._slot / "file", "\n")
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            return False
        return True

    def force_out(self) -> None:
        """Take the medium out whatever the host does; what it has not written yet is lost to it.

        Raises:
            OSError: The kernel (before 6.0) has no way to do that while the host has it mounted.
        """
        if not self.ask_back():
            _write(self._slot / "forced_eject", "1")


def _refused(error: OSError, controller: str) -> CpcompatError:
    if error.errno in (errno.EACCES, errno.EPERM):
        return CpcompatError("only root may make a USB device", _ROOT)
    if error.errno == errno.EBUSY:
        return CpcompatError(
            f"another USB device is bound to {controller!r}",
            "Only one can be at a time. «ls /sys/kernel/config/usb_gadget» shows whose it is; remove that "
            "one first, or the module g_serial, g_mass_storage or g_ether: «lsmod | grep ^g_».",
        )
    return CpcompatError(f"the kernel refuses the USB device: {error}", _ENABLE)


def chosen(wanted: str) -> str:
    """Return the controller to use.

    Args:
        wanted: Its name; empty for the only one.

    Raises:
        CpcompatError: There is none, or none of that name, or more than one to choose from.
    """
    there = controllers()
    if not there:
        raise CpcompatError("this computer has no USB port that can be a device", _ENABLE)
    if wanted and wanted not in there:
        raise CpcompatError(f"no USB device controller {wanted!r}", f"There is {', '.join(there)}.")
    if not wanted and len(there) > 1:
        raise CpcompatError(
            "this computer has several USB device controllers",
            f"Name one: --controller {there[0]}. There are {', '.join(there)}.",
        )
    return wanted or there[0]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    # Unbuffered: the kernel takes the whole write, and its refusal is this call's.
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
