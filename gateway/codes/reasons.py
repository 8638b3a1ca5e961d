"""Why a code is refused. Pure."""

LONGEST_PLAIN = 60

CODES = {
    "empty": "nothing was read",
    "unprintable": "control characters, where no GS1 separator is meant",
    "too_long": f"plain text of more than {LONGEST_PLAIN} characters",
    "unknown_ai": "no such application identifier",
    "length": "a value that is too short or too long",
    "characters": "a character that the value cannot have",
    "check_digit": "a GS1 check digit that does not fit",
    "check_character": "one of our labels that is damaged",
    "date": "a day that does not exist",
    "value": "a time, place, percent code, list code or number that is not possible",
    "repeated_ai": "an identifier twice, with different values",
    "missing_ai": "an identifier without the one it needs",
    "excluded_ai": "two identifiers that exclude each other",
    "lost_separator": "two legal readings: the scanner lost the separator",
    "link": "a web address that is no Digital Link, or one that breaks its rules",
    "link_compressed": "a Digital Link in its compressed form, which is not read",
    "not_hex": "tag memory that is not whole words of hexadecimal digits",
    "epc": "an EPC whose bits or parts do not fit its scheme",
    "epc_scheme": "an EPC URI of a scheme that is not read here",
    "no_lot": "understood, but it names a product or a place, not a lot",
}
"""By code, in a few words."""
