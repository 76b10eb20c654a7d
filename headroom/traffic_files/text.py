"""The text of a file, line by line, without ever holding all of it: packed or not, in the encodings of spreadsheets."""

from __future__ import annotations

import codecs
import io
import zlib
from collections.abc import Iterator

from headroom.errors import BadTrace
from headroom.traffic_files.limits import (
    MAX_GZIP_MEMBERS,
    MAX_LINE_CHARS,
    MAX_LINES,
    MAX_TEXT_BYTES,
    SMALLER,
    megabytes,
)

GZIP = b"\x1f\x8b"
_CHUNK = 16 * 1024
_HEAD = 64 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class TextFile:
    """A file that is read as text, as often as needed. data: its bytes as they were sent."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.encoding = _encoding(self._bytes().read(_HEAD))

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends. Raises BadTrace where one is too long, or there are too many."""
        read = io.TextIOWrapper(self._bytes(), self.encoding, errors="replace", newline="").readline
        for number in range(1, MAX_LINES + 2):
            line = read(MAX_LINE_CHARS + 1)
            if not line:
                return
            if len(line) > MAX_LINE_CHARS:
                raise BadTrace(f"row {number}: given more than {MAX_LINE_CHARS:,} characters; allowed: at most that.")
            yield line
        raise BadTrace(f"given more than {MAX_LINES:,} lines; allowed: at most that many. {SMALLER}")

    def head(self, count: int) -> list[str]:
        """Return the first lines that are not empty, without their ends."""
        found: list[str] = []
        for line in self.lines():
            if line.strip():
                found.append(line.rstrip("\r\n"))
                if len(found) == count:
                    break
        return found

    def begin(self) -> str:
        """Return how the text begins."""
        return self._bytes().read(_HEAD).decode(self.encoding, errors="replace")

    def whole(self, most_bytes: int) -> str:
        """Return all of it. Raises BadTrace when it is larger than that."""
        data = self._bytes().read(most_bytes + 1)
        if len(data) > most_bytes:
            raise BadTrace(f"given more than {megabytes(most_bytes)}; allowed: at most that. {SMALLER}")
        return data.decode(self.encoding, errors="replace")

    def _bytes(self) -> io.BufferedReader:
        raw = _Gunzip(self._data) if self._data.startswith(GZIP) else _Plain(self._data)
        return io.BufferedReader(raw, _HEAD)


class _Plain(io.RawIOBase):
    """Bytes as a file, without a copy of them."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = memoryview(data), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        part = self._data[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


class _Gunzip(io.RawIOBase):
    """All members of a gzip file, unpacked as they are asked for; zeros after a member are padding."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = memoryview(data), 0
        self._member: zlib._Decompress | None = None
        self._members = self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self._member is not None or self._begin():
            part = self._inflate(len(buffer))
            if part:
                self._given += len(part)
                if self._given > MAX_TEXT_BYTES:
                    raise BadTrace(
                        f"given a gzip file that unpacks to more than {megabytes(MAX_TEXT_BYTES)}; allowed: at most"
                        f" that. {SMALLER}"
                    )
                buffer[: len(part)] = part
                return len(part)
        return 0

    def _begin(self) -> bool:
        """Begin the next member, if there is one."""
        while self._at < len(self._data):
            chunk = bytes(self._data[self._at : self._at + _CHUNK])
            rest = chunk.lstrip(b"\0") if self._members else chunk
            self._at += len(chunk) - len(rest)
            if rest:
                self._members += 1
                if self._members > MAX_GZIP_MEMBERS:
                    raise BadTrace(f"given a gzip file of more than {MAX_GZIP_MEMBERS:,} parts; allowed: fewer.")
                self._member = zlib.decompressobj(wbits=31)
                return True
        return False

    def _inflate(self, most: int) -> bytes:
        """Up to `most` bytes of the present member; b"" at its end, and where a piece unpacks to nothing."""
        member = self._member
        assert member is not None
        piece = member.unconsumed_tail
        if not piece:
            piece = bytes(self._data[self._at : self._at + _CHUNK])
            self._at += len(piece)
        try:
            part = member.decompress(piece, most)
        except zlib.error as error:
            raise BadTrace(f"given a gzip file that is damaged ({error}). Pack it again.") from error
        if member.eof:
            self._at -= len(member.unused_data)
            self._member = None
        elif not piece and not part:
            raise BadTrace("given a gzip file that ends too early; allowed: a whole file. Send it again.")
        return part


def _encoding(head: bytes) -> str:
    """The encoding of a file that begins so: as its mark says, UTF-16 by its zeros, UTF-8, or else Windows-1252."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if head[1::2].count(0) > len(head) / 4:
        return "utf-16-le"
    if head[::2].count(0) > len(head) / 4:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
