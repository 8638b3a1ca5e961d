"""Bad input led by coverage: ``PYTHON -m benchmarks.reliability.coverage frames|payloads [OPTION OF LIBFUZZER]``.

PYTHON is that of a virtual environment with atheris (github.com/google/atheris) and what `pyproject.toml` asks for;
atheris is no dependency of ours. The first byte of an input chooses who hears the others. It ends with a traceback and
the input in a file when something is raised that is not the typed error, or taken that does not stand in the bytes.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Callable


def hears_frames() -> Callable[[bytes], None]:
    """Modbus TCP and RTU: any bytes after a question, then a good answer."""
    modbus = importlib.import_module("benchmarks.reliability.inputs.modbus")
    errors = importlib.import_module("drivers.modbus.errors")
    pool = [modbus.asked(random.Random(number)) for number in range(128)]

    def hear(data: bytes) -> None:
        if not data:
            return
        known, rest, rtu = pool[data[0] >> 1], data[1:], data[0] & 1
        talk = modbus.RtuTalk() if rtu else modbus.MbapTalk()
        sent = talk.begin(known.question)
        try:
            answer = talk.feed(rest)
        except errors.FrameCorrupt:
            return
        if rtu:
            good, stands = modbus.serial(known.question.unit, known.pdu), modbus.stands_in_rtu
            told = answer if answer is not None else talk.feed(good)
            assert told is not None, "not in step one frame after it"
            assert stands(known.question, rest + good, told), told
        elif answer is not None:
            assert modbus.stands_in_tcp(known.question, sent[:2], rest, answer), answer

    return hear


def hears_payloads() -> Callable[[bytes], None]:
    """Everybody who listens to MQTT."""
    payloads = importlib.import_module("benchmarks.reliability.inputs.payloads")
    ears = payloads.ears()

    def hear(data: bytes) -> None:
        if not data:
            return
        ear = ears[data[0] % len(ears)]
        try:
            ear.take(data[1:])
        except ear.refusal:
            return

    return hear


def main() -> None:
    """Until libFuzzer's limits are reached."""
    makers = {"frames": hears_frames, "payloads": hears_payloads}
    if len(sys.argv) < 2 or sys.argv[1] not in makers:
        sys.exit(
            f"usage: python -m benchmarks.reliability.coverage {'|'.join(makers)} [-max_total_time=SECONDS]"
        )
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris, into a virtual environment of its own")
    with atheris.instrument_imports(include=["drivers", "gateway"]):
        hear = makers[sys.argv[1]]()
    atheris.Setup([sys.argv[0], *sys.argv[2:]], hear)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
