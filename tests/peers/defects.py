"""Blinka's defects, each as a program in CircuitPython's words that shows whether it is there.

A program prints ``holds`` where things are as CircuitPython has them. What it prints with Blinka 10 is
written down too, so that the comparison notices when Blinka has mended one.
"""

from __future__ import annotations

from typing import NamedTuple


class Defect(NamedTuple):
    """One defect.

    Attributes:
        promise: What CircuitPython promises; the test's name.
        code: The program.
        blinka: What is in what it prints with Blinka.
        ours: Variables of the environment for cpcompat.
        theirs: Variables of the environment for Blinka.
        elsewhere: Not on a Raspberry Pi: the hardware is there, the device tree is not.
    """

    promise: str
    code: str
    blinka: str
    ours: dict[str, str] = {}  # noqa: RUF012  (a value that nobody changes)
    theirs: dict[str, str] = {}  # noqa: RUF012
    elsewhere: bool = False


_TWO_THREADS = """
import sys, threading
import board, busio
i2c = busio.I2C(board.SCL, board.SDA)
inside, go_on, won = threading.Event(), threading.Event(), []

def trace(frame, event, argument):
    # Holds the first thread where it has looked whether the lock is free, and has not taken it yet.
    if frame.f_code.co_name != "try_lock":
        return None
    lines = iter(range(10))
    def each_line(frame, event, argument):
        if event == "line" and next(lines) == 1:
            inside.set()
            go_on.wait(2)
        return each_line
    return each_line

def first():
    sys.settrace(trace)
    won.append(i2c.try_lock())
    inside.set()

thread = threading.Thread(target=first)
thread.start()
inside.wait(5)
won.append(i2c.try_lock())
go_on.set()
thread.join()
print("holds" if won.count(True) == 1 else f"{won.count(True)} have the lock")
"""

DEFECTS = [
    Defect(
        "open drain is there",
        """
        import board, digitalio
        pin = digitalio.DigitalInOut(board.D17)
        pin.switch_to_output(True, digitalio.DriveMode.OPEN_DRAIN)
        print("holds" if pin.drive_mode is digitalio.DriveMode.OPEN_DRAIN else pin.drive_mode)
        """,
        "AttributeError: type object 'Pin' has no attribute 'OPEN_DRAIN'",
    ),
    Defect(
        "a pin in use is a ValueError that names it",
        """
        import board, digitalio
        first = digitalio.DigitalInOut(board.D17)
        try:
            digitalio.DigitalInOut(board.D17)
        except ValueError as error:
            print("holds" if str(error) == "D17 in use" else error)
        """,
        "OSError: [Errno 16] Device or resource busy",
    ),
    Defect(
        "a deinited pin says so",
        """
        import board, digitalio
        pin = digitalio.DigitalInOut(board.D17)
        pin.deinit()
        try:
            pin.value
        except ValueError as error:
            print("holds" if "deinitialized" in str(error) else error)
        """,
        "AttributeError: 'NoneType' object has no attribute 'value'",
    ),
    Defect(
        "a pin can be a key of a dict",
        """
        import board
        print("holds" if {board.D18: 1}[board.D18] == 1 else "another")
        """,
        "TypeError: unhashable type: 'Pin'",
    ),
    Defect(
        "a pin shows itself by its name",
        """
        import board
        print("holds" if repr(board.D18) == "board.D18" else repr(board.D18))
        """,
        "18",
    ),
    Defect(
        "all that Pull has can be listed",
        """
        import digitalio
        iterate = getattr(digitalio.Pull, "iteritems", lambda: [])
        list(iterate())
        print("holds" if {"UP", "DOWN"} <= set(dir(digitalio.Pull)) else dir(digitalio.Pull))
        """,
        "TypeError: isinstance() arg 2 must be a type, a tuple of types, or a union",
    ),
    Defect(
        "board.I2C() is one object",
        """
        import board
        print("holds" if board.I2C() is board.I2C() else "two objects")
        """,
        "two objects",
    ),
    Defect(
        "using a bus needs its lock",
        """
        import board, busio
        i2c = busio.I2C(board.SCL, board.SDA)
        try:
            i2c.writeto(0x50, b"a")
        except RuntimeError as error:
            print("holds" if str(error) == "Function requires lock" else error)
        else:
            print("written without lock")
        """,
        "written without lock",
    ),
    Defect("only one thread gets the lock", _TWO_THREADS, "2 have the lock"),
    Defect(
        "a deinited SPI bus leaves no descriptor open",
        """
        import gc, os, board, busio
        def descriptors():
            gc.collect()
            return len(os.listdir("/proc/self/fd"))
        busio.SPI(board.SCK, board.MOSI, board.MISO).deinit()
        before = descriptors()
        for _ in range(50):
            busio.SPI(board.SCK, board.MOSI, board.MISO).deinit()
        print("holds" if descriptors() == before else f"{descriptors() - before} left open")
        """,
        "50 left open",
    ),
    Defect(
        "I2C's arguments have CircuitPython's names",
        """
        import board, busio
        i2c = busio.I2C(board.SCL, board.SDA, frequency=100_000, timeout=255)
        i2c.try_lock()
        i2c.writeto_then_readfrom(0x50, out_buffer=b"a", in_buffer=bytearray(1))
        print("holds")
        """,
        "TypeError: I2C.__init__() got an unexpected keyword argument 'timeout'",
    ),
    Defect(
        "SPI's arguments have CircuitPython's names",
        """
        import board, busio
        spi = busio.SPI(board.SCK, board.MOSI, board.MISO)
        spi.try_lock()
        spi.write_readinto(out_buffer=b"a", in_buffer=bytearray(1))
        print("holds")
        """,
        "TypeError: SPI.write_readinto() got an unexpected keyword argument 'out_buffer'",
    ),
    Defect(
        "an address can be probed",
        """
        import board, busio
        i2c = busio.I2C(board.SCL, board.SDA)
        i2c.try_lock()
        print("holds" if i2c.probe(0x50) and not i2c.probe(0x2A) else "wrong")
        """,
        "AttributeError: 'I2C' object has no attribute 'probe'",
    ),
    Defect(
        "I2C is a context manager on a board for any computer",
        """
        import board, busio
        with busio.I2C(board.SCL, board.SDA):
            print("holds")
        """,
        "AttributeError: 'I2C' object has no attribute '_lock'",
        {"CPCOMPAT_BOARD": "sim"},
        {"BLINKA_OS_AGNOSTIC": "1"},
    ),
    Defect(
        "I2C on a board for any computer has all its methods",
        """
        import board, busio
        methods = ("writeto", "readfrom_into", "writeto_then_readfrom", "scan")
        i2c = busio.I2C(board.SCL, board.SDA)
        i2c.try_lock()
        i2c.scan()
        try:
            i2c.writeto(0x2A, b"")
        except OSError:
            print("holds")
        """,
        "AttributeError: 'I2C' object has no attribute 'writeto'",
        {"CPCOMPAT_BOARD": "sim"},
        {"BLINKA_OS_AGNOSTIC": "1"},
    ),
    Defect(
        "a module that the board has nothing of can be imported",
        """
        try:
            import analogio
        except ImportError:
            analogio = None
        print("holds" if analogio and analogio.AnalogIn else "missing")
        """,
        "NotImplementedError: analogio not supported for this board.",
    ),
    Defect(
        "PWM needs no package that is to be compiled",
        """
        import board, pwmio
        pwm = pwmio.PWMOut(board.D12, frequency=1000, duty_cycle=32768)
        print("holds" if (pwm.frequency, pwm.duty_cycle) == (1000, 32768) else "another")
        """,
        "RuntimeError: The platform library 'adafruit_blinka_raspberry_pi_pwm' was not found.",
    ),
    Defect(
        "a board can be forced",
        """
        import board, busio
        spi = busio.SPI(board.SCK, board.MOSI, board.MISO)
        print("holds")
        """,
        "ModuleNotFoundError: No module named 'machine'",
        {"CPCOMPAT_BOARD": "raspberry_pi_cm4"},
        {"BLINKA_FORCEBOARD": "RASPBERRY_PI_CM4"},
        elsewhere=True,
    ),
    Defect(
        "a board that is not known is an error that says so",
        """
        import board, digitalio
        try:
            board.D17
            digitalio.DigitalInOut(board.D17)
        except Exception as error:
            print("holds" if "BCM2711" in str(error) else repr(error))
        """,
        "TypeError(\"'NoneType' object is not callable\")",
        {"CPCOMPAT_BOARD": "BCM2711"},
        {"BLINKA_FORCECHIP": "BCM2711", "BLINKA_FORCEBOARD": "RASPBERRY_PI_4B"},
    ),
    Defect(
        "microcontroller tells about the processor",
        """
        import microcontroller
        print("holds" if len(microcontroller.cpu.uid) == 8 else microcontroller.cpu.uid)
        """,
        "AttributeError: module 'microcontroller' has no attribute 'cpu'",
    ),
    Defect(
        "a wheel can be followed, and costs nothing at rest",
        """
        import time
        import board, rotaryio
        with rotaryio.IncrementalEncoder(board.D5, board.D6) as wheel:
            began = time.process_time()
            time.sleep(0.5)
            rest = time.process_time() - began < 0.1
            print("holds" if rest and wheel.position == 0 else "busy")
        """,
        "ModuleNotFoundError: No module named 'rotaryio'",
    ),
    Defect(
        "pulses are measured without a program beside",
        """
        import signal
        before = signal.getsignal(signal.SIGTERM)
        import board, pulseio
        with pulseio.PulseIn(board.D5) as pulses:
            untouched = signal.getsignal(signal.SIGTERM) == before
            print("holds" if untouched and len(pulses) == 0 else "another")
        """,
        "libgpiod_pulsein",
    ),
    Defect(
        "keys can be let go",
        """
        import threading
        import board, keypad
        keys = keypad.Keys([board.D5], value_when_pressed=False)
        ending = threading.Thread(target=keys.deinit, daemon=True)
        ending.start()
        ending.join(2)
        print("holds" if not ending.is_alive() else "still at it", flush=True)
        import os
        os._exit(0)
        """,
        "still at it",
    ),
    Defect(
        "a reset of keys tells which are down, and they go on",
        """
        import os, time
        import board, keypad
        keys = keypad.Keys([board.D5], value_when_pressed=True, pull=False, interval=0.01)
        keys.reset()
        def event():
            for _ in range(200):
                found = keys.events.get()
                if found:
                    return found
                time.sleep(0.01)
        found = event()
        print("holds" if found and found.pressed else "no event", flush=True)
        os._exit(0)
        """,
        "no event",
    ),
    Defect(
        "an event of a key has its time",
        """
        import keypad
        print("holds" if keypad.Event(1, True, 77).timestamp == 77 else "another")
        """,
        "TypeError: Event.__init__() takes from 1 to 3 positional arguments but 4 were given",
    ),
]
