"""The landing zone: a folder or fsspec URL in which extracts lie under the names of the extract contract.

Belongs here: listing, naming, opening, checksums and placing of files. Does not belong here: what is inside a file and
which feeds exist (nova_assets.staging).

Names: `<feed>/<YYYY-MM-DD>[_<part>].<csv|parquet|xlsx>`, `<feed>/<part>.<…>` or `<feed>.<…>` for undated files.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any

import fsspec

from nova_resources.errors import PlatformError

FORMATS = ("csv", "parquet", "xlsx")
_ENDINGS = tuple(f".{form}" for form in FORMATS)
_DATED = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:_(.+))?$")
_MOMENTS = ("mtime", "created", "LastModified", "last_modified", "updated")
_READ_BYTES = 1 << 22
# Names under which other programs write what is not finished, or keep their own notes.
_UNFINISHED_PREFIXES, _UNFINISHED_SUFFIXES = (".", "_", "~"), (".tmp", ".part", "~")


class FileError(PlatformError):
    """A file that cannot be used at all: which one, where in it, what is wrong and how to mend it."""

    def __init__(
        self, file: str, problem: str, cure: str, *, line: int | None = None, column: str | None = None
    ) -> None:
        place = [file, *([f"line {line}"] if line else []), *([f"column {column}"] if column else [])]
        super().__init__(f"{', '.join(place)}: {problem}. {cure}")
        self.file, self.problem, self.cure, self.line, self.column = file, problem, cure, line, column


@dataclass(frozen=True, slots=True)
class ExtractName:
    """What the name of a file says by the extract contract."""

    feed: str
    file_date: date | None
    part: str | None
    format: str


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file as listed. `path` is its lasting identity (below the zone's root), `address` where the bytes are.

    `modified` is the newest time that the file system tells (content or name changed), None where it tells none.
    """

    path: str
    address: str
    name: ExtractName
    size: int
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Files under names of the contract, sorted by path, and one error for each file under another name."""

    files: list[LandedFile]
    problems: list[FileError]


def format_of(path: str) -> str:
    """csv, parquet or xlsx by the extension; raises FileError for any other."""
    extension = posixpath.splitext(path)[1].lower().removeprefix(".")
    if extension not in FORMATS:
        raise FileError(path, f"unknown extension {extension!r}", f"Files end in {', '.join('.' + f for f in FORMATS)}")
    return extension


def read_name(path: str) -> ExtractName:
    """Parts of a path below the landing root. Raises FileError for a name that the contract does not know."""
    extension = format_of(path)
    *folders, name = path.split("/")
    stem = name[: -len(extension) - 1]
    if not folders:
        return ExtractName(stem.lower(), None, None, extension)
    if len(folders) > 1:
        raise FileError(path, "lies too deep", "Files lie in <feed>/<YYYY-MM-DD>[_<part>].<csv|parquet|xlsx>")
    feed = folders[0].lower()
    dated = _DATED.match(stem)
    if not dated:
        return ExtractName(feed, None, None if stem.lower() == feed else stem, extension)
    try:
        return ExtractName(feed, date.fromisoformat(dated[1]), dated[2], extension)
    except ValueError:
        raise FileError(path, f"there is no date {dated[1]}", "Name the file after a real date, YYYY-MM-DD") from None


class LandingZone:
    """Files below one folder or fsspec URL. Making the object touches nothing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._filesystem, root = fsspec.core.url_to_fs(url)
        self._root = str(root).rstrip("/")

    def listing(self, prefix: str = "", feeds: Collection[str] | None = None) -> Listing:
        """Every file below the root, `prefix` put before its path; a root that does not exist yet holds none.

        With `feeds` only folders and files called like these are looked at.
        """
        if not self.exists():
            return Listing([], [])
        files, problems = [], []
        for address, info in sorted(self._found(feeds).items()):
            path = prefix + address[len(self._root) + 1 :]
            if any(_unfinished(part) for part in path.split("/")):
                continue
            try:
                files.append(_landed(path, address, info))
            except FileError as error:
                problems.append(error)
        return Listing(files, problems)

    def _found(self, feeds: Collection[str] | None) -> dict[str, dict[str, Any]]:
        if feeds is None:
            return self._filesystem.find(self._root, detail=True)
        found = {}
        for info in self._filesystem.ls(self._root, detail=True):
            address = info["name"].rstrip("/")
            if posixpath.splitext(posixpath.basename(address))[0].lower() not in feeds:
                continue
            inside = self._filesystem.find(address, detail=True) if info["type"] == "directory" else {address: info}
            found.update(inside)
        return found

    @property
    def root(self) -> str:
        """The zone's address: an absolute path, or a URL for other file systems."""
        return self._public(self._root)

    def foreign_files(self) -> list[LandedFile]:
        """Files of a known format under any name, known by their address. Raises FileError for a single other file."""
        if self.is_file():
            found = {self._root: self._filesystem.info(self._root)}
            format_of(self._root)
        else:
            found = self._filesystem.find(self._root, detail=True)
        files = []
        for address, info in sorted(found.items()):
            if address.lower().endswith(_ENDINGS) and not _unfinished(posixpath.basename(address)):
                name = ExtractName("", None, None, format_of(address))
                files.append(LandedFile(self._public(address), address, name, int(info["size"]), _modified(info)))
        return files

    def is_file(self) -> bool:
        """Whether the zone's URL is a single file."""
        return self._filesystem.isfile(self._root)

    def exists(self) -> bool:
        """Whether there is anything at the zone's URL."""
        return self._filesystem.exists(self._root)

    def holds(self, path: str) -> bool:
        """Whether there is a file `path` below the root."""
        return self._filesystem.exists(f"{self._root}/{path}")

    def single(self, path: str) -> LandedFile:
        """The file that the zone's URL itself is, under the identity `path`. Raises FileError for its name."""
        return _landed(path, self._root, self._filesystem.info(self._root))

    def open(self, file: LandedFile) -> IO[bytes]:
        """The bytes of a file, from the beginning, seekable."""
        return self._filesystem.open(file.address, "rb")

    def checksum(self, file: LandedFile, salt: bytes = b"") -> str:
        """BLAKE2b (128 bits, hexadecimal) of `salt` and the file's bytes."""
        digest = hashlib.blake2b(salt, digest_size=16)
        with self.open(file) as stream:
            while block := stream.read(_READ_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def _public(self, address: str) -> str:
        local = "file" in _protocols(self._filesystem)
        return address if local else self._filesystem.unstrip_protocol(address)

    @contextmanager
    def replacing(self, path: str) -> Iterator[IO[bytes]]:
        """A stream whose bytes become the file `path` below the root when the block ends without an exception."""
        target = f"{self._root}/{path}"
        aside = posixpath.join(posixpath.dirname(target), f".{posixpath.basename(target)}.tmp")
        self._filesystem.makedirs(posixpath.dirname(target), exist_ok=True)
        try:
            with self._filesystem.open(aside, "wb") as stream:
                yield stream
            self._filesystem.mv(aside, target)
        except BaseException:
            if self._filesystem.exists(aside):
                self._filesystem.rm(aside)
            raise

    def take_over(self, source: LandingZone, file: LandedFile) -> None:
        """Copy a file of another zone here under the same identity, whole or not at all.

        Raises FileError when this zone takes no files.
        """
        try:
            with source.open(file) as incoming, self.replacing(file.path) as outgoing:
                shutil.copyfileobj(incoming, outgoing, _READ_BYTES)
        except OSError as error:
            cure = "Its rows are loaded; make the landing zone writable and load it again, so that the file is kept too"
            raise FileError(file.path, f"cannot be written to {self.root} ({error.strerror or error})", cure) from error


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _landed(path: str, address: str, info: dict[str, Any]) -> LandedFile:
    return LandedFile(path, address, read_name(path), int(info["size"]), _modified(info))


def _modified(info: dict[str, Any]) -> datetime | None:
    """Newest moment in a file system's listing. The inode's change time sees a file put back with an old mtime."""
    moments = []
    for key in _MOMENTS:
        value = info.get(key)
        if isinstance(value, (int, float)):
            moments.append(datetime.fromtimestamp(value, UTC))
        elif isinstance(value, datetime):
            moments.append(value if value.tzinfo else value.replace(tzinfo=UTC))
    return max(moments, default=None)


def _unfinished(name: str) -> bool:
    return name.startswith(_UNFINISHED_PREFIXES) or name.endswith(_UNFINISHED_SUFFIXES)
