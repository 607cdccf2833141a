"""The USB drive on a real kernel: its gadget, and a host that mounts the medium, at both ends of one cable.

The cable is the kernel's dummy_hcd. What a host's cache does, and that a mounted medium is not given back,
only a kernel shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import ROOT

if TYPE_CHECKING:
    from tests.lab.fixtures import Lab

pytestmark = [pytest.mark.emulated, pytest.mark.slow, pytest.mark.feature("USB drive")]

BEGIN = """
modprobe -a libcomposite dummy_hcd usb_f_mass_storage usb_f_acm usb-storage sd_mod cdc-acm \\
  vfat nls_cp437 nls_ascii || exit 9
LUN=/sys/kernel/config/usb_gadget/cpcompat/functions/mass_storage.0/lun.0
DRIVE=/job/drive
chown -R nobody: $DRIVE; mkdir -p /mnt; install -d -m 700 -o nobody /run/nobody /state
until_is() { # until_is SECONDS COMMAND...: wait until it succeeds
  local left=$(($1 * 5)); shift
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1)); [ $left -gt 0 ] || { echo "never: $*"; cat /job/log; exit 8; }
    sleep 0.2
  done
}
looks() { # the host looks for a medium, as desktops do every two seconds
  : </dev/sda; [ -b /dev/sda1 ]
}
sees() { until_is 60 test -b /dev/sda; until_is 60 looks; }
has() { grep -q "$1" "$2"; }
mounts() { mount -t vfat "$@" /dev/sda1 /mnt; }
as_user() { # as_user COMMAND...: by the drive's owner, who is not root
  su nobody -s /bin/bash -c "export XDG_RUNTIME_DIR=/run/nobody XDG_STATE_HOME=/state PYTHONPATH=/job/site
    exec python3 -P -c 'import sys; from cpcompat.cli import main; sys.exit(main())' $*"
}
runs() { as_user run $DRIVE --console ${1:-stdio} >>/job/log 2>&1 </dev/null & run=$!; }
ends() { kill -TERM $(cat /run/nobody/cpcompat/*/lock); wait $run || true; }
ejects() { # as eject(1) and file managers do: SCSI_IOCTL_DOORUNLOCK, then CDROMEJECT (linux/cdrom.h)
  python3 -c 'import fcntl, os
disk = os.open("/dev/sda", os.O_RDONLY | os.O_NONBLOCK)
fcntl.ioctl(disk, 0x5381); fcntl.ioctl(disk, 0x5309)'
}
out() { [ -z "$(cat $LUN/file)" ]; }
cpcompat usb on $DRIVE || exit 7
"""


def ended(lab: Lab, then: str) -> list[str]:
    """Make the gadget, do what a test wants, and return the lines that this printed."""
    drive = {"drive": ROOT / "tests/lab/drives/plugged"}
    done = lab.run(BEGIN + then, files=drive)
    assert done.status == 0, done.out + done.err
    return [line for line in done.out.splitlines() if line.startswith("> ")]


def test_a_host_mounts_the_drive_saves_a_program_and_it_runs_without_root(lab: Lab) -> None:
    """Read-only for programs meanwhile; ejected, the medium is out, and a remount gives it to them."""
    then = """
runs; sees; mounts
echo "> $(ls /mnt)" | tr '\\n' ' '; echo
until_is 20 has "read only: True" /job/log
echo 'print("saved by", "the host"); import time; time.sleep(1000)' >/mnt/code.py
mkdir /mnt/lib; echo 'x = 1' >/mnt/lib/long_module_name.py; sync
until_is 30 has "saved by the host" /job/log
echo "> $(cat $DRIVE/lib/long_module_name.py)"
echo "> taken out while mounted: $(echo 2>/dev/null >$LUN/file && echo yes || echo no)"
umount /mnt; ejects
until_is 20 out; sleep 3
echo "> medium: $(cat $LUN/file)"
ends
cpcompat usb off; ls /sys/kernel/config/usb_gadget | wc -l | sed 's/^/> gadgets: /'
"""
    first, *rest = ended(lab, then)
    assert set(first[2:].split()) == {"boot_out.txt", "code.py"}
    assert rest == ["> x = 1", "> taken out while mounted: no", "> medium: ", "> gadgets: 0"]


def test_what_is_written_here_waits_until_the_host_has_let_the_drive_go(lab: Lab) -> None:
    """A mounted medium stays, whoever writes the folder; unmounted, it is exchanged."""
    then = """
runs; sees; mounts
before=$(cat $LUN/file)
echo new >$DRIVE/new.txt
sleep 8
echo "> the same: $([ "$(cat $LUN/file)" = "$before" ] && echo yes)"
echo host >/mnt/host.txt; sync
until_is 20 test -e $DRIVE/host.txt
umount /mnt
exchanged() { [ -n "$(cat $LUN/file)" ] && [ "$(cat $LUN/file)" != "$before" ]; }
until_is 40 exchanged
sees; sleep 1; looks; mounts
echo "> $(cat /mnt/new.txt) $(cat /mnt/host.txt)"
umount /mnt
ends
"""
    assert ended(lab, then) == ["> the same: yes", "> new host"]


def test_a_reset_takes_even_a_mounted_drive_away_and_a_program_gets_it_by_boot_py(
    lab: Lab,
) -> None:
    """As a press on the reset button; afterwards the host may only read."""
    then = """
runs; sees; mounts
echo 'import storage; storage.remount("/", readonly=False)' >/mnt/boot.py; sync
until_is 30 test -e $DRIVE/boot.py
before=$(cat $LUN/file)
as_user reset $DRIVE
exchanged() { [ -n "$(cat $LUN/file)" ] && [ "$(cat $LUN/file)" != "$before" ]; }
until_is 40 exchanged
until_is 20 has "read only: False" /job/log
umount -l /mnt
echo "> ro: $(cat $LUN/ro)"
sees; sleep 1; looks; mounts -o ro && echo "> $(cat /mnt/boot.py)"
ends
"""
    assert ended(lab, then) == [
        "> ro: 1",
        '> import storage; storage.remount("/", readonly=False)',
    ]


def test_who_plugs_the_board_in_anew_at_once_gets_an_ejected_drive_back(lab: Lab) -> None:
    """The kernel tells of it. (dummy_hcd's cable is pulled by root here; it tells of its coming back.)"""
    then = """
plug() { echo "$1" >/sys/kernel/config/usb_gadget/cpcompat/UDC; }
runs; sees
ejects; until_is 20 out
port=$(cat /sys/kernel/config/usb_gadget/cpcompat/UDC); plug ""; plug $port
in_slot() { [ -n "$(cat $LUN/file)" ]; }
until_is 20 in_slot
sees; mounts && echo "> $(ls /mnt | grep code.py)"; umount /mnt
ends
"""
    assert ended(lab, then) == ["> code.py"]


def test_the_console_is_a_serial_port_of_the_host(lab: Lab) -> None:
    """Through the gadget's other function; what is typed there interrupts the program."""
    then = """
chown nobody /dev/ttyGS0
runs uart:/dev/ttyGS0
until_is 30 test -c /dev/ttyACM0
stty -F /dev/ttyACM0 raw -echo
cat /dev/ttyACM0 >/job/seen & seen=$!
until_is 30 has "read only" /job/seen
printf '\\003' >/dev/ttyACM0
until_is 30 has KeyboardInterrupt /job/seen
printf '\\r' >/dev/ttyACM0
until_is 30 has '>>> ' /job/seen
printf 'print(6 * 7)\\r' >/dev/ttyACM0
until_is 30 has 42 /job/seen
echo "> it answers"
kill $seen; ends
"""
    assert ended(lab, then) == ["> it answers"]
