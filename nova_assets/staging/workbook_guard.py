"""Whether a workbook may be opened at all: its reader lays a sheet out as a full rectangle and cannot be stopped.

A workbook is a zip of XML: a few kilobytes can unpack to terabytes, and one stray cell in the last corner of a sheet
makes a rectangle of seventeen thousand million cells. Both are found by unpacking it once in small blocks, which keep
nothing.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from typing import IO

from nova_resources.landing import FileError

# A sheet of a million rows and ten columns unpacks to about 400 MB.
MOST_BYTES = 1 << 30
MOST_CELLS = 30_000_000
BLOCK = 1 << 20
# What the zip module says of damaged, encrypted and unknown archives.
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, RuntimeError, EOFError, OSError)
# A cell reference is at most `<c r="XFD1048576"`; a block's end may cut one in two.
OVERLAP = 32
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')


def check(file: str, stream: IO[bytes]) -> None:
    """Raise FileError for what is no workbook, unpacks to more than MOST_BYTES or spans more than MOST_CELLS."""
    try:
        with zipfile.ZipFile(stream) as archive:
            spare = MOST_BYTES
            for member in archive.infolist():
                spare = _check_member(file, archive, member, spare)
    except FileError:
        raise
    except DAMAGED as error:
        cure = "Save it as .xlsx without a password, or land the extract again; it may have been cut short on its way"
        raise FileError(file, f"no readable workbook ({error})", cure) from None
    finally:
        stream.seek(0)


def _check_member(file: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, spare: int) -> int:
    """Unpack one part; returns how many bytes the others may still have."""
    is_sheet, tail, columns, rows = member.filename.startswith("xl/worksheets/"), b"", 0, 0
    with archive.open(member) as part:
        while block := part.read(BLOCK):
            spare -= len(block)
            if spare < 0:
                problem = f"unpacks to more than {MOST_BYTES >> 20} MB"
                raise FileError(file, problem, "Land it as CSV or Parquet, or in several files")
            if is_sheet:
                for letters, number in _CELL.findall(tail + block):
                    columns, rows = max(columns, _column(letters)), max(rows, int(number))
                tail = block[-OVERLAP:]
    if columns * rows > MOST_CELLS:
        problem = f"spans {rows:,} rows and {columns:,} columns in {member.filename}"
        raise FileError(file, problem, "Delete what stands far outside of the table, or land it as CSV")
    return spare


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
