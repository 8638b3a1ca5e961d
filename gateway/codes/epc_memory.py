"""EPC memory with header and partition to an identity, and back. Pure.

Source: EPC Tag Data Standard (TDS) 2.0, 14.3 and 14.4: how integers, strings and partitions are encoded.
"""

from __future__ import annotations

from gateway.codes.bits import Bits, Made
from gateway.codes.epc_families import FAMILIES, checked_parts
from gateway.codes.epc_schemes import BY_HEADER, BY_NAME, COMPANY_BITS, GENERAL, Scheme
from gateway.codes.epc_uris import Epc
from gateway.codes.words import CodeRefused

_SIX = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"  # annex G: 6 bits a character


def has_partition(header: int) -> bool:
    """Whether memory with this header is read here."""
    return header in BY_HEADER or header == GENERAL.header


def from_memory(digits: str) -> Epc:
    """The EPC in hexadecimal memory that has such a header. Raises CodeRefused.

    >>> from_memory("3074257BF7194E4000001A85").tag_uri  # TDS 1.13, E.3
    'urn:epc:tag:sgtin-96:3.0614141.812345.6789'
    """
    bits = Bits(digits)
    header = bits.take(8)
    if header == GENERAL.header:
        parts: tuple[str, ...] = tuple(str(bits.take(count)) for count in (28, 24, 36))
        bits.end()
        return Epc("gid", parts, GENERAL.name)
    scheme = BY_HEADER[header]
    filtered, partition = bits.take(3), bits.take(3)
    if partition >= len(COMPANY_BITS):
        raise CodeRefused("epc", f"{scheme.name}: no company prefix has partition {partition}")
    family, size = FAMILIES[scheme.family], 12 - partition
    company = _digits(bits.take(COMPANY_BITS[partition]), size)
    reference = _reference(scheme, bits, partition, family.digits - size)
    counts = [_digits(bits.take(7), 2) for _ in range(family.counts)]
    serial = [_serial(scheme, bits)] if family.serial else []
    if scheme.serial == "zero" and bits.take(scheme.serial_bits):
        raise CodeRefused("epc", f"{scheme.name}: bits that are 0 in every such tag are not")
    bits.end()
    parts = checked_parts(scheme.family, (company, reference, *counts, *serial))
    return Epc(scheme.family, parts, scheme.name, filtered)


def to_memory(epc: Epc) -> str:
    """The hexadecimal memory of an EPC whose scheme is told, in whole words. Raises CodeRefused where it cannot say it.

    >>> to_memory(Epc("sgtin", ("0614141", "812345", "6789"), "sgtin-96", 3))
    '3074257BF7194E4000001A85'
    """
    made = Made()
    parts = checked_parts(epc.family, epc.parts)
    if epc.scheme == GENERAL.name:
        made.put(GENERAL.header, 8)
        for part, count in zip(parts, (28, 24, 36), strict=True):
            made.put(int(part), count)
        return made.memory()
    scheme = BY_NAME.get(epc.scheme)
    if scheme is None or scheme.family != epc.family:
        raise CodeRefused("epc_scheme", f"{epc.scheme or 'no scheme'} is no tag scheme of {epc.family}")
    company, reference = parts[:2]
    partition = 12 - len(company)
    for value, count in ((scheme.header, 8), (epc.filter, 3), (partition, 3)):
        made.put(value, count)
    made.put(int(company), COMPANY_BITS[partition])
    _put_reference(scheme, made, reference, partition)
    for each in parts[2 : 2 + FAMILIES[epc.family].counts]:
        made.put(int(each), 7)
    if scheme.serial == "zero":
        made.put(0, scheme.serial_bits)
    elif scheme.serial:
        _put_serial(scheme, made, parts[-1])
    return made.memory()


def _digits(value: int, size: int) -> str:
    text = f"{value:0{size}d}" if size else str(value) if value else ""
    if len(text) > size:
        raise CodeRefused("epc", f"{value} has more than {size} digits")
    return text


def _reference(scheme: Scheme, bits: Bits, partition: int, size: int) -> str:
    if scheme.how == "six":
        return _six(bits)
    taken = bits.take(scheme.reference[partition])
    if scheme.how == "text":
        return _text(taken, scheme.reference[partition])
    if scheme.how == "number":
        return str(_at_most(taken, scheme.most[partition]))
    return _digits(taken, size)


def _put_reference(scheme: Scheme, made: Made, text: str, partition: int) -> None:
    if scheme.how == "six":
        for letter in f"{text}@":
            made.put(_SIX.index(letter), 6)
        return
    count = scheme.reference[partition]
    if scheme.how == "text":
        made.put(_from_text(text, count), count)
    elif scheme.how == "number":
        made.put(_at_most(_number(scheme, text), scheme.most[partition]), count)
    else:
        made.put(int(text or "0"), count)


def _serial(scheme: Scheme, bits: Bits) -> str:
    taken = bits.take(scheme.serial_bits)
    if scheme.serial == "number":
        return str(taken)
    if scheme.serial == "text":
        return _text(taken, scheme.serial_bits)
    led = str(taken)
    if led[0] != "1" or len(led) < 2:
        raise CodeRefused("epc", f"{scheme.name}: the serial's digits do not stand behind a 1")
    return led[1:]


def _put_serial(scheme: Scheme, made: Made, text: str) -> None:
    if scheme.serial == "number":
        value = _number(scheme, text)
    elif scheme.serial == "led":
        value = _number(scheme, f"1{text}")
    else:
        value = _from_text(text, scheme.serial_bits)
    made.put(value, scheme.serial_bits)


def _number(scheme: Scheme, text: str) -> int:
    """A number that can be told again from its value: no leading zeros, no letters."""
    if not (text.isascii() and text.isdigit()) or str(int(text)) != text:
        raise CodeRefused(
            "epc", f"{scheme.name} holds numbers without leading zeros, not {text}: take a longer scheme"
        )
    return int(text)


def _at_most(value: int, digits: int) -> int:
    if value >= 10**digits:
        raise CodeRefused("epc", f"{value} has more than {digits} digits")
    return value


def _text(value: int, count: int) -> str:
    """Characters of 7 bits up to the first 0; only zeros may follow."""
    data = value << (-count % 7)
    letters = [data >> at & 0x7F for at in range(7 * ((count + 6) // 7) - 7, -1, -7)]
    size = letters.index(0) if 0 in letters else len(letters)
    if any(letters[size:]):
        raise CodeRefused("epc", "a tag's text goes on behind its end")
    return bytes(letters[:size]).decode("ascii")


def _from_text(text: str, count: int) -> int:
    if 7 * len(text) > count:
        raise CodeRefused("epc", f"{text} has more than {count // 7} characters")
    value = 0
    for letter in text:
        value = value << 7 | ord(letter)
    return value << (count - 7 * len(text))


def _six(bits: Bits) -> str:
    letters = ""
    while (code := bits.take(6)) != 0:
        letters += _SIX[code]
    return letters
