"""The pages that a reader of a database finds, as a digest: those of the file, laid over by frames of its log."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.reliability.power.wal import Frame, digest


class Pages:
    """Of one life: the file is mostly the same object as in the state before, and so are the frames."""

    def __init__(self) -> None:
        self._last: tuple[bytes, int, list[bytes]] = b"", 0, []

    def digest(self, content: bytes, frames: Sequence[Frame]) -> bytes:
        """Of the file's pages below the frames that count, cut to what the last commit says there are."""
        size = frames[0].size if frames else page_size(content)
        pages, count = list(self._of(content, size)), 0
        for frame in frames:
            if len(pages) < frame.page:
                pages.extend([digest(bytes(size))] * (frame.page - len(pages)))
            pages[frame.page - 1] = frame.seen
            count = frame.pages or count
        length = count * size if frames else len(content)  # without frames an end that is torn tells
        return digest(b"".join(pages[: count or None]) + b"%d %d" % (size, length))

    def _of(self, content: bytes, size: int) -> list[bytes]:
        if self._last[0] is not content or self._last[1] != size:
            parts = (content[at : at + size] for at in range(0, len(content), size))
            self._last = content, size, [digest(part.ljust(size, b"\0")) for part in parts]
        return self._last[2]


def page_size(content: bytes) -> int:
    """As the file's head says (sqlite.org/fileformat2.html, 1.3.2); any where it says none."""
    size = int.from_bytes(content[16:18], "big")
    return 65_536 if size == 1 else size if size >= 512 and not size & (size - 1) else 4096
