"""The columns of a file as the samples that a chart takes, by what the chart says it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gateway.cli.csvfile import columns, header, refuse
from gateway.cli.output import Code, Exit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gateway.study.samples import Samples

_PER_UNIT = ("u", "laney-u")  # sizes are units, of which there may be a half
_MOST = 2.0**53  # beyond, one more is the same number


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns are meant, as the options say."""

    kind: str
    value: tuple[str, ...] = ()
    count: str | None = None
    size: str | None = None
    nominal: str | None = None
    subgroup: int | None = None
    subgroup_column: str | None = None


def samples_of(file: Path, wanted: Wanted, takes: str) -> Samples:
    """Ends the command with code 2 where the file or the options do not give what the chart takes."""
    if wanted.subgroup is not None and wanted.subgroup_column is not None:
        _wrong("--subgroup and --subgroup-column say the same: give one")
    if wanted.subgroup is not None and wanted.subgroup < 1:
        _wrong(f"--subgroup must be 1 or more, not {wanted.subgroup}")
    if takes not in {"count", "count_size"} and wanted.count is not None:
        _wrong(f"--count-column is not an option of {wanted.kind}: it takes values")
    if takes != "count_size" and wanted.size is not None:
        _wrong(f"--size-column is not an option of {wanted.kind}")
    names = _values(file, wanted)
    try:
        return _MADE[takes](file, wanted, names)
    except ValueError as error:
        raise Exit(Code.USAGE, f"{file}: {error}") from error


def _values(file: Path, wanted: Wanted) -> tuple[str, ...]:
    """The value columns: each option is one, or several parted by commas."""
    there = header(file)
    names: list[str] = []
    for given in wanted.value:
        names += [given] if given in there else [each.strip() for each in given.split(",")]
    return tuple(names)


def _single(file: Path, wanted: Wanted, names: Sequence[str]) -> Samples:
    from gateway.study.samples import means, values  # noqa: PLC0415

    if len(names) > 1:
        _wrong(f"{wanted.kind} takes one column, not {len(names)}")
    name = names[0] if names else "value"
    aims = () if wanted.nominal is None else (wanted.nominal,)
    read = columns(file, (name, *aims), wanted.subgroup_column)
    x = read.numbers[:, 0] - read.numbers[:, 1] if aims else read.numbers[:, 0]
    if wanted.subgroup is None and wanted.subgroup_column is None:
        return values(x)
    return means(x, _groups(wanted, read.words, len(x)))


def _subgroups(file: Path, wanted: Wanted, names: Sequence[str]) -> Samples:
    from gateway.study.samples import subgroups  # noqa: PLC0415

    grouped = wanted.subgroup is not None or wanted.subgroup_column is not None
    if len(names) > 1:
        if grouped:
            _wrong("with several --value columns a row is a subgroup: leave --subgroup out")
        return _rows_as_subgroups(file, names)
    if not grouped:
        _wrong(
            f"{wanted.kind} takes subgroups: give --subgroup N or --subgroup-column C, or several --value columns"
        )
    read = columns(file, (names[0] if names else "value",), wanted.subgroup_column)
    return subgroups(read.numbers[:, 0], _groups(wanted, read.words, len(read.numbers)))


def _rows_as_subgroups(file: Path, names: Sequence[str]) -> Samples:
    import numpy as np  # noqa: PLC0415

    from gateway.study.samples import Samples  # noqa: PLC0415

    block = columns(file, names).numbers
    return Samples(block, np.arange(len(block)), block)


def _counts(file: Path, wanted: Wanted, names: Sequence[str]) -> Samples:
    from gateway.study.samples import counts  # noqa: PLC0415

    if wanted.subgroup is not None or wanted.subgroup_column is not None:
        _wrong(f"--subgroup is not an option of {wanted.kind}: it takes counts")
    numbers = columns(file, (_count(file, wanted, names),)).numbers[:, 0]
    _check_counts(file, numbers)
    return counts(numbers)


def _counts_and_sizes(file: Path, wanted: Wanted, names: Sequence[str]) -> Samples:
    import numpy as np  # noqa: PLC0415

    from gateway.study.samples import wide  # noqa: PLC0415

    if wanted.subgroup_column is not None:
        _wrong(f"--subgroup-column is not an option of {wanted.kind}: it takes counts")
    count = _count(file, wanted, names)
    if wanted.subgroup is not None:
        if wanted.size is not None:
            _wrong("--subgroup and --size-column both say the size: give one")
        numbers = columns(file, (count,)).numbers[:, 0]
        _check_counts(file, numbers)
        return wide(np.stack([numbers, np.full(len(numbers), float(wanted.subgroup))], axis=1))
    size = wanted.size or ("size" if "size" in header(file) else None)
    if size is None:
        _wrong(f"{wanted.kind} takes sizes too: give --size-column C, or --subgroup N where all are the same")
    both = columns(file, (count, size)).numbers
    _check_counts(file, both[:, 0])
    _check_sizes(file, both, items=wanted.kind not in _PER_UNIT)
    return wide(both)


def _check_counts(file: Path, x: NDArray[np.float64]) -> None:
    _first(file, (x < 0) | (x % 1 != 0), "{:g} is not a count: that is a whole number, 0 or more", x)
    _first(file, x > _MOST, "{:g} is more than can be counted one by one", x)


def _check_sizes(file: Path, both: NDArray[np.float64], *, items: bool) -> None:
    """A size of 0 is no sample, if nothing was counted in it; of items there are whole numbers."""
    count, size = both.T
    told = "{:g} were counted in a sample of {:g}"
    _first(file, size < 0, "a size of {:g} is below 0", size)
    _first(file, size > _MOST, "a size of {:g} is too large", size)
    _first(file, (size == 0) & (count > 0), told, count, size)
    if items:
        _first(file, size % 1 != 0, "a size of {:g} is no number of items: that is a whole number", size)
        _first(file, count > size, told, count, size)


def _first(file: Path, wrong: NDArray[np.bool_], told: str, *shown: NDArray[np.float64]) -> None:
    """Refuse the file for the first row that is wrong."""
    if wrong.any():
        row = int(wrong.argmax())
        refuse(file, row, told.format(*(each[row] for each in shown)))


def _count(file: Path, wanted: Wanted, names: Sequence[str]) -> str:
    """The column of counts: --count-column, or --value, or one of the usual names."""
    if len(names) > 1 or (names and wanted.count is not None):
        _wrong(f"{wanted.kind} takes one column of counts: name it with --count-column")
    if wanted.count is not None or names:
        return wanted.count or names[0]
    return "count" if "count" in header(file) else "value"


def _vectors(file: Path, wanted: Wanted, names: Sequence[str]) -> Samples:
    from gateway.spc import load_chart  # noqa: PLC0415
    from gateway.study.samples import mean_vectors, wide  # noqa: PLC0415

    grouped = wanted.subgroup is not None or wanted.subgroup_column is not None
    if grouped and not hasattr(load_chart(wanted.kind), "learn_subgroups"):
        _wrong(f"--subgroup is not an option of {wanted.kind}: a row is a sample")
    if len(names) < 2:
        _wrong(
            f"{wanted.kind} takes several columns: --value A --value B; there are {', '.join(header(file))}"
        )
    read = columns(file, names, wanted.subgroup_column)
    if not grouped:
        return wide(read.numbers)
    return mean_vectors(read.numbers, _groups(wanted, read.words, len(read.numbers)))


def _groups(wanted: Wanted, words: list[str], rows: int) -> Any:
    from gateway.study.samples import by_number, by_word  # noqa: PLC0415

    return by_number(rows, wanted.subgroup) if wanted.subgroup is not None else by_word(words)


def _wrong(text: str) -> NoReturn:
    raise Exit(Code.USAGE, text)


_MADE = {
    "value": _single,
    "subgroup": _subgroups,
    "count": _counts,
    "count_size": _counts_and_sizes,
    "vector": _vectors,
}
