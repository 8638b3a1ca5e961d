"""Finding out what an unknown Modbus device has: where it answers, and what its words mean. Pure: no line, no clock.

`asking` says what is asked and in what order, `guess` what the words are, `siteyaml` writes it down as a config.
`gateway.probing` does the asking.
"""

from __future__ import annotations

from gateway.probe.found import Area, Guess, Tables, Unit

__all__ = ["Area", "Guess", "Tables", "Unit"]
