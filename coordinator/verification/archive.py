"""The bundle's container: a zip file of plain stored members in which every byte is determined by names and contents.

Any zip program opens it. It is written here and not by ``zipfile`` so that it can be read as strictly: there is no date, comment,
gap or flag in which something could stand that nobody checks. Nothing but the standard library.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

CHUNK = 1 << 20
MOST_BYTES, MOST_FILES = 2**32 - 2, 10_000
TOO_MUCH = "It holds more than a bundle can."
NAME = re.compile(r"[a-z0-9]+(?:[./-][a-z0-9]+)*")
DATE = 0x21
"""The first of January 1980, in the form of zip: no member has a time."""
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")


class NotOurs(Exception):
    """The file is no bundle, or was cut or altered; the text says where."""


class TooLarge(Exception):
    """More than a bundle can hold."""


@dataclass(frozen=True)
class Member:
    """A file in the archive: where its content begins, how long it is, its CRC-32 and SHA-256."""

    name: str
    start: int
    size: int
    crc: int
    sha256: str


class Writer:
    """Writes an archive into a file that can be sought, a member at a time; ``close`` completes it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.members: list[Member] = []

    def add(self, name: str, parts: Iterable[bytes]) -> Member:
        """One member from its content in parts. Refuses with TooLarge."""
        header = self._file.tell()
        self._file.write(_local(name, 0, 0))
        start, size, crc, sha256 = self._file.tell(), 0, 0, hashlib.sha256()
        for part in parts:
            self._file.write(part)
            size, crc = size + len(part), zlib.crc32(part, crc)
            sha256.update(part)
            if start + size > MOST_BYTES:
                raise TooLarge("A bundle holds 4 GB at most.")
        self._file.seek(header)
        self._file.write(_local(name, size, crc))
        self._file.seek(start + size)
        self.members.append(Member(name, start, size, crc, sha256.hexdigest()))
        return self.members[-1]

    def close(self) -> None:
        """Writes the directory."""
        self._file.write(_directory(self.members, self._file.tell()))


class Reader:
    """An archive that was written by Writer, byte for byte; raises NotOurs where it was not."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        found = list(self._walk())
        directory = self._file.read(len(found) * 512 + 1024)
        if directory != _directory(found, self._place):
            raise NotOurs("The directory at its end is missing or was altered.")
        self.members = {member.name: member for member in found}
        if len(self.members) < len(found):
            raise NotOurs("It names a file twice.")

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member, each without its end; NotOurs where the last has none."""
        member, rest = self.members[name], b""
        self._file.seek(member.start)
        left = member.size
        while left:
            part = self._file.read(min(CHUNK, left))
            left -= len(part)
            *whole, rest = (rest + part).split(b"\n")
            place = self._file.tell()
            yield from whole
            self._file.seek(place)
        if rest:
            raise NotOurs(f"The last line of {name} has no end.")

    def content(self, name: str) -> bytes:
        """The whole of a member."""
        member = self.members[name]
        self._file.seek(member.start)
        return self._file.read(member.size)

    def _walk(self) -> Iterator[Member]:
        """The members one after the other, as they stand in the file."""
        self._file.seek(0)
        self._place = 0
        number = 0
        while (head := self._file.read(_LOCAL.size))[:4] == b"PK\x03\x04":
            number += 1
            if number > MOST_FILES:
                raise NotOurs(TOO_MUCH)
            yield self._member(head)
        if not self._place:
            raise NotOurs("It is not a bundle.")
        self._file.seek(self._place)

    def _member(self, head: bytes) -> Member:
        if len(head) < _LOCAL.size:
            raise NotOurs("It is cut short.")
        (*_, crc, size, _, length, _) = _LOCAL.unpack(head)
        name = self._file.read(min(length, 256)).decode("ascii", "replace")
        if not NAME.fullmatch(name) or head + name.encode() != _local(name, size, crc):
            raise NotOurs(f"The head of a file in it was altered, at byte {self._place}.")
        start = self._file.tell()
        if start + size > MOST_BYTES:
            raise NotOurs(TOO_MUCH)
        found = Member(name, start, size, crc, self._digest(name, size, crc))
        self._place = start + size
        return found

    def _digest(self, name: str, size: int, crc: int) -> str:
        """The content's SHA-256, having compared its CRC-32."""
        sha256, summed, left = hashlib.sha256(), 0, size
        while left:
            part = self._file.read(min(CHUNK, left))
            if not part:
                raise NotOurs(f"It is cut short within {name}.")
            sha256.update(part)
            summed, left = zlib.crc32(part, summed), left - len(part)
        if summed != crc:
            raise NotOurs(f"{name} was altered: it does not have the check sum that stands before it.")
        return sha256.hexdigest()


def _local(name: str, size: int, crc: int) -> bytes:
    return _LOCAL.pack(b"PK\x03\x04", 20, 0, 0, 0, DATE, crc, size, size, len(name), 0) + name.encode()


def _directory(members: list[Member], place: int) -> bytes:
    if len(members) > MOST_FILES or place > MOST_BYTES:
        raise TooLarge("A bundle holds 4 GB at most.")
    entries = b"".join(
        _CENTRAL.pack(b"PK\x01\x02", 20, 20, 0, 0, 0, DATE, one.crc, one.size, one.size, len(one.name), 0, 0, 0, 0, 0, _header(one))
        + one.name.encode()
        for one in members
    )
    return entries + _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(entries), place, 0)


def _header(member: Member) -> int:
    return member.start - len(member.name) - _LOCAL.size
