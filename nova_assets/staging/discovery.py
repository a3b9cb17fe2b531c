"""Which files there are to load, under which lasting identity, as which feeds.

A file's identity is its name by the contract (`demand/2026-11-20.csv`), wherever it is loaded from, so that the same
extract is never counted twice; a file read through a mapping is known by its address.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from nova_assets.catalog import FEEDS
from nova_assets.staging import feeds
from nova_assets.staging.feeds import Feed
from nova_assets.staging.mapping import Mapping
from nova_resources.landing import FileError, LandedFile, LandingZone


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file and the feeds that it gives. `own` is false for files outside the landing folder."""

    zone: LandingZone
    file: LandedFile
    feeds: tuple[Feed, ...]
    mapping: Mapping | None = None
    own: bool = True

    @property
    def salt(self) -> bytes:
        """What belongs to the checksum besides the file: the mapping that reads it."""
        return self.mapping.text.encode() if self.mapping else b""


Found = tuple[list[Candidate], list[FileError]]


def in_landing(zone: LandingZone, wanted: Sequence[str] | None) -> Found:
    """Files of the landing folder, of the wanted feeds only if there are any."""
    listing = zone.listing(feeds=wanted)
    found, problems = _as_feeds(zone, listing.files, own=True)
    return found, [*listing.problems, *problems]


def at_path(url: str, landing: LandingZone, mapping: Mapping | None, wanted: Sequence[str] | None) -> Found:
    """Files at a path or URL anywhere: one file, a folder in the contract's layout, or foreign files for a mapping.

    Raises FileError when nothing is there.
    """
    zone = LandingZone(url)
    if not zone.exists():
        raise FileError(url, "there is no such file or folder", "Check the path")
    if mapping:
        return _foreign(zone, mapping, wanted)
    own = zone.root == landing.root or zone.root.startswith(f"{landing.root}/")
    if zone.is_file():
        found, problems = _as_feeds(zone, [zone.single(_contract_path(zone.root))], own=own)
    else:
        # A folder called like a feed is one folder of the contract's layout.
        name = posixpath.basename(zone.root)
        listing = zone.listing(f"{name}/") if name in FEEDS else zone.listing()
        found, problems = _as_feeds(zone, listing.files, own=own)
        problems = [*listing.problems, *problems]
    return [c for c in found if wanted is None or c.feeds[0].name in wanted], problems


def _as_feeds(zone: LandingZone, files: Sequence[LandedFile], *, own: bool) -> Found:
    found, problems = [], []
    for file in files:
        try:
            found.append(Candidate(zone, file, (feeds.feed(file.name.feed, file.path),), own=own))
        except FileError as error:
            problems.append(error)
    return found, problems


def _foreign(zone: LandingZone, mapping: Mapping, wanted: Sequence[str] | None) -> Found:
    names = [output.feed for output in mapping.outputs if wanted is None or output.feed in wanted]
    outputs = tuple(feeds.feed(name, mapping.name) for name in names)
    return [Candidate(zone, file, outputs, mapping, own=False) for file in zone.foreign_files()], []


def _contract_path(address: str) -> str:
    """Identity of a single file: `<feed>/<name>` when its folder is called like a feed, else its bare name."""
    folder, name = posixpath.split(address)
    parent = posixpath.basename(folder)
    return f"{parent}/{name}" if parent in FEEDS else name
