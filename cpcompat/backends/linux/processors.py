"""What the kernel tells of the processors themselves: how many, how fast, on what supply."""

from __future__ import annotations

from cpcompat.backends.linux.chip_facts import names, text

_CPUS = "/sys/devices/system/cpu"
_MONITORS = "/sys/class/hwmon"
_REGULATORS = "/sys/class/regulator"
_SUPPLIES = ("vdd_cpu", "vdd_arm", "vcc_cpu", "vcc_arm", "vdd_core", "vddcpu", "vddarm")
_LABELS = ("vcore", "cpu vcore", "vddcr_cpu", "cpu core voltage", "cpu vcore voltage")


def count() -> int:
    """Return the number of processors, those included that are switched off.

    Source: Linux Documentation/admin-guide/cputopology.rst, "present": ranges like ``0-3``.
    """
    last = text(f"{_CPUS}/present").rpartition(",")[2].rpartition("-")[2]
    return int(last) + 1 if last.isdecimal() else 1


def frequency_hz(core: int) -> int | None:
    """Return what a processor is clocked with now, None where the kernel does not tell.

    Source: Linux Documentation/admin-guide/pm/cpufreq.rst, ``scaling_cur_freq``, in kilohertz.

    Args:
        core: The processor, from 0.
    """
    said = text(f"{_CPUS}/cpu{core}/cpufreq/scaling_cur_freq")
    return int(said) * 1000 if said.isdecimal() and int(said) else None


def voltage_v() -> float | None:
    """Return the supply of the processors in volts, None where nothing measures or makes it.

    A monitor that calls an input the core's voltage wins (Documentation/hwmon/sysfs-interface.rst,
    ``inN_label``, millivolts), then a regulator that is named for the processors
    (Documentation/ABI/testing/sysfs-class-regulator, microvolts).
    """
    for monitor in names(_MONITORS):
        folder = f"{_MONITORS}/{monitor}"
        for label in names(folder):
            if label.startswith("in") and label.endswith("_label"):
                known = text(f"{folder}/{label}").lower() in _LABELS
                said = text(f"{folder}/{label.removesuffix('label')}input") if known else ""
                if said.isdecimal():
                    return int(said) / 1_000
    for regulator in names(_REGULATORS):
        folder = f"{_REGULATORS}/{regulator}"
        name = text(f"{folder}/name").lower().replace("-", "_")
        said = text(f"{folder}/microvolts") if name.startswith(_SUPPLIES) else ""
        if said.isdecimal():
            return int(said) / 1_000_000
    return None
