"""Codes that other commands print, in English: exit codes, run rules, reasons of bad values, refused codes.

Run rules and their sources: `gateway.spc.ruletable`; qualities: `gateway.model.Quality`; refusals:
`gateway.codes.reasons`.
"""

from __future__ import annotations

from gateway.explain.row import Row

_EXITS = {
    "exit 0": Row("ok", "The command did what it was asked.", "Nothing.", ""),
    "exit 1": Row(
        "findings",
        "The command worked, and found something: a gap, a signal, a refused code.",
        "Read what it printed.",
    ),
    "exit 2": Row(
        "usage", "An option or argument makes no sense.", "See the command's --help.", "lotwatch --help"
    ),
    "exit 69": Row(
        "unreachable",
        "A device, a server or a journal cannot be reached.",
        "See its name in the message; check cable, address and power.",
        "lotwatch doctor <config>",
    ),
    "exit 75": Row(
        "try later",
        "Somebody else holds the journal, or a program cannot be started now.",
        "Wait, or end the other one.",
    ),
    "exit 78": Row(
        "the config is not good",
        "Nothing was started.",
        "Mend each place that is named: file, line, column.",
        "lotwatch check <config>",
    ),
}

_ONE_BEYOND = "One sample beyond 3 sigma: a sudden, large change."
_SIDE = "Samples in a row on one side of the centre line: the mean has moved a little, for good."
_LOOK = "Look for what changed when the run began: material, tool, setting, operator. Enter the cause with the alarm."
_RULES = {
    "WE1": Row("one sample beyond 3 sigma", _ONE_BEYOND, _LOOK),
    "WE2": Row("two of three samples beyond 2 sigma on one side", "A shift of about 2 sigma.", _LOOK),
    "WE3": Row("four of five samples beyond 1 sigma on one side", "A shift of about 1 sigma.", _LOOK),
    "WE4": Row("eight samples in a row on one side", _SIDE, _LOOK),
    "N1": Row("one sample beyond 3 sigma", _ONE_BEYOND, _LOOK),
    "N2": Row("nine samples in a row on one side", _SIDE, _LOOK),
    "N3": Row(
        "six samples in a row, each higher (or lower) than the one before",
        "A trend: wear, warming up.",
        _LOOK,
    ),
    "N4": Row(
        "fourteen samples in a row, up and down in turn",
        "Two streams are mixed, or somebody adjusts too much.",
        _LOOK,
    ),
    "N5": Row("two of three samples beyond 2 sigma on one side", "A shift of about 2 sigma.", _LOOK),
    "N6": Row("four of five samples beyond 1 sigma on one side", "A shift of about 1 sigma.", _LOOK),
    "N7": Row(
        "fifteen samples in a row within 1 sigma",
        "Limits are too wide, or streams are mixed.",
        "Set the limits anew from data.",
    ),
    "N8": Row(
        "eight samples in a row beyond 1 sigma on either side",
        "Two populations: two cavities, two materials.",
        _LOOK,
    ),
}
_AIAG = {
    f"AIAG{rule[1:]}": Row(
        row.said if rule != "N2" else "seven samples in a row on one side", row.means, row.fix
    )
    for rule, row in _RULES.items()
    if rule.startswith("N")
}

_DOCTOR = "lotwatch doctor <config>"
_QUALITIES = {
    "good": Row("the value is good", "It was read and nothing speaks against it.", "Nothing."),
    "uncertain": Row(
        "the value is uncertain", "It was read, and something speaks against it.", "See the reason beside it."
    ),
    "unstable": Row(
        "the device says that it still moves",
        "A scale in motion, a sensor that settles.",
        "Wait; or see what shakes it.",
    ),
    "out_of_range": Row(
        "outside of the sensor's plausible range",
        "Not charted: a sensor or a register map may be wrong.",
        "See the sensor; low and high in the config.",
        "lotwatch check <config>",
    ),
    "rate": Row(
        "moved faster than it can",
        "A glitch, or max_rate is too small.",
        "See sensor and cable; max_rate in the config.",
    ),
    "frozen": Row(
        "has not moved for longer than it can stand still",
        "A sensor that hangs gives its last value for ever.",
        "See sensor and device; frozen_after in the config.",
    ),
    "uncalibrated": Row(
        "its gauge is past the date of its calibration",
        "What it says may be wrong and nobody would know.",
        "Have it calibrated; enter the new date in the plan.",
    ),
    "bad": Row("the value is bad", "It was not read.", "See the reason beside it."),
    "no_answer": Row(
        "asked, no answer in time",
        "The unit is off, unplugged, at other settings, or slower than its timeout.",
        "See power, cable, unit id, speed; timeout in the config.",
        _DOCTOR,
    ),
    "refused": Row(
        "the device refused (Modbus exceptions 1, 2, 3)",
        "It has no such register: the map is not its map.",
        "Find out what it has.",
        "lotwatch probe <place>",
    ),
    "busy": Row(
        "the device said later (Modbus exceptions 5, 6)",
        "It has more to do than to answer.",
        "Ask it less often: a slower poll class.",
    ),
    "device_failure": Row(
        "the device said that it is broken (Modbus exceptions 4, 8, 10, 11)",
        "It, or a unit behind a gateway, failed.",
        "See the device; behind a gateway also its line.",
    ),
    "corrupt": Row(
        "an answer came and failed its checks",
        "Noise, two masters, a wrong termination.",
        "See shield, termination, other masters on the line.",
        _DOCTOR,
    ),
    "line_down": Row(
        "there is no connection or no port",
        "Nothing on this bus is read.",
        "See cable, adapter and address.",
        _DOCTOR,
    ),
    "not_a_number": Row(
        "the device sent NaN or infinity",
        "Its own way to say that there is no value; or a wrong word order.",
        "See the device, and order in its map.",
    ),
    "not_asked": Row(
        "not asked",
        "The unit is dead or quarantined, or the bus had no time left.",
        "See the bus's load and its dead units.",
        "lotwatch check <config>",
    ),
    "sensor_fault": Row(
        "the device marked it as invalid", "A broken sensor, overload or underload.", "See the sensor."
    ),
    "stale": Row(
        "nothing came for longer than the group may be silent",
        "Nobody knows how it is now.",
        "See why it is silent: the alarm names the group.",
        _DOCTOR,
    ),
}

_SCAN = "Scan again; when it stays so, look at the label itself."
_REFUSALS = {
    "empty": Row("nothing was read", "The reader sent an empty code.", _SCAN),
    "unprintable": Row(
        "control characters, where no GS1 separator is meant",
        "Noise, or a reader set to another protocol.",
        "See the reader's settings.",
    ),
    "too_long": Row(
        "plain text of more than 60 characters", "Two codes ran together, or it is no code of a lot.", _SCAN
    ),
    "unknown_ai": Row("no such application identifier", "It is no GS1 code, or one that is misread.", _SCAN),
    "length": Row(
        "a value that is too short or too long",
        "A character was lost, or the label breaks the standard.",
        _SCAN,
    ),
    "characters": Row(
        "a character that the value cannot have", "Misread, or the label breaks the standard.", _SCAN
    ),
    "check_digit": Row("a GS1 check digit that does not fit", "A digit was misread or typed wrongly.", _SCAN),
    "check_character": Row(
        "one of our labels that is damaged",
        "Its check character does not fit.",
        "Print the label again.",
        "lotwatch label <lot>",
    ),
    "date": Row("a day that does not exist", "Misread, or the label breaks the standard.", _SCAN),
    "value": Row(
        "a time, place, percent code, list code or number that is not possible",
        "Misread, or the label breaks the standard.",
        _SCAN,
    ),
    "repeated_ai": Row("an identifier twice, with different values", "Two labels were read as one.", _SCAN),
    "missing_ai": Row(
        "an identifier without the one it needs",
        "The label breaks the standard (GS1 General Specifications, 4.13).",
        "Tell who prints it.",
    ),
    "excluded_ai": Row(
        "two identifiers that exclude each other",
        "The label breaks the standard (GS1 General Specifications, 4.13).",
        "Tell who prints it.",
    ),
    "lost_separator": Row(
        "two legal readings: the scanner lost the separator",
        "Nobody can know which is meant.",
        "Set the scanner to send GS (0x1D).",
    ),
    "link": Row(
        "a web address that is no Digital Link, or one that breaks its rules",
        "It names no lot.",
        "Scan the other code on the label.",
    ),
    "link_compressed": Row(
        "a Digital Link in its compressed form, which is not read",
        "It names a lot that is not understood here.",
        "Scan the other code on the label.",
    ),
    "not_hex": Row(
        "tag memory that is not whole words of hexadecimal digits",
        "The reader sends something else.",
        "See the reader's settings.",
    ),
    "epc": Row(
        "an EPC whose bits or parts do not fit its scheme",
        "A tag that is misread or written wrongly.",
        "Read it again; write the tag anew.",
    ),
    "epc_scheme": Row(
        "an EPC URI of a scheme that is not read here",
        "It names no lot here.",
        "Scan the other code on the label.",
    ),
    "no_lot": Row(
        "understood, but it names a product or a place, not a lot",
        "Nothing can be tied to it.",
        "Scan the code with the lot in it.",
    ),
}

CODES: dict[str, Row] = {**_EXITS, **_RULES, **_AIAG, **_QUALITIES, **_REFUSALS}
