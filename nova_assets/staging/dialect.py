"""What a CSV file is written in: its encoding, decided by its bytes, and its separator, decided by its header."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from typing import IO

from nova_assets.staging.headers import plain
from nova_resources.landing import FileError

SEPARATORS = (";", ",", "\t", "|")
BLOCK_BYTES = 1 << 24
# What is longer is no line of an extract; all of it would be held in memory.
LONGEST_LINE = 1 << 26
WESTERN = "cp1252"  # Latin-1 with the characters that Windows adds
UTF8 = "utf-8"
_MARKS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
BROKEN = "�"


class TextBlocks:
    """Blocks of whole lines as UTF-8 with `\\n` line ends, from a file in a declared or undeclared encoding.

    Undeclared and without a byte order mark, the first bytes beyond ASCII decide between UTF-8 and Windows' Latin-1 for
    the whole file. Bytes that the encoding does not know become U+FFFD.
    """

    def __init__(self, file: str, stream: IO[bytes], encoding: str | None = None) -> None:
        self.file = file
        self.encoding = encoding
        self.marked = False
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        first = self._stream.read(BLOCK_BYTES)
        for mark, encoding in _MARKS:
            if first.startswith(mark) and self.encoding in (None, UTF8, encoding):
                self.encoding, self.marked = encoding, True
                first = first[len(mark) :] if encoding == UTF8 else first
        if b"\0" in first and not (self.encoding or "").startswith(("utf-16", "utf-32")):
            raise FileError(self.file, "holds bytes that no text has", "Save it as CSV in UTF-8, or name its encoding")
        utf8 = self.encoding in (None, UTF8)
        blocks = map(self._to_utf8, self._whole_lines(first)) if utf8 else self._recoded(first)
        for block in blocks:
            yield block.replace(b"\r\n", b"\n") if b"\r" in block else block

    def _whole_lines(self, data: bytes) -> Iterator[bytes]:
        while following := self._stream.read(BLOCK_BYTES):
            end = data.rfind(b"\n") + 1
            self._refuse_endless(data[end:])
            if end:
                yield data[:end]
            data = data[end:] + following
        if data:
            yield data

    def _refuse_endless(self, line: bytes) -> None:
        if len(line) > LONGEST_LINE:
            problem = f"has a line of more than {LONGEST_LINE >> 20} MB"
            raise FileError(self.file, problem, "Write the file again, with a line break after each row")

    def _to_utf8(self, block: bytes) -> bytes:
        if block.isascii():
            return block
        if self.encoding is None:
            self.encoding = _guess(block)
        if self.encoding == UTF8:
            return block if _is_utf8(block) else block.decode(UTF8, "replace").encode()
        return block.decode(self.encoding, "replace").encode()

    def _recoded(self, block: bytes) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(self.encoding or UTF8)("replace")
        rest = b""
        while block:
            rest += decoder.decode(block).encode()
            end = rest.rfind(b"\n") + 1
            if end:
                yield rest[:end]
                rest = rest[end:]
            self._refuse_endless(rest)
            block = self._stream.read(BLOCK_BYTES)
        rest += decoder.decode(b"", final=True).encode()
        if rest:
            yield rest


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _guess(block: bytes) -> str:
    """UTF-8 when more of the characters beyond ASCII are sound UTF-8 than are not."""
    text = block.decode(UTF8, "replace")
    broken = text.count(BROKEN)
    sound = sum(not character.isascii() for character in text) - broken if broken else 1
    return UTF8 if sound > broken else WESTERN


def separator_of(header: str, wanted: Sequence[str]) -> str:
    """The separator under which most wanted names appear in the header line; failing that, most columns."""

    def score(separator: str) -> tuple[int, int]:
        names = fields_of(header, separator)
        known = {plain(name) for name in names} & {plain(name) for name in wanted}
        return len(known), len(names)

    return max(SEPARATORS, key=score)


def fields_of(line: str, separator: str) -> list[str]:
    """Fields of a line, quotation marks taken off."""
    csv.field_size_limit(max(csv.field_size_limit(), len(line)))
    return next(csv.reader([line], delimiter=separator, strict=False), [])
