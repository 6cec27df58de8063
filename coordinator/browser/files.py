"""The files of the pages, held in memory: ours, and the third-party parts below ``vendor/``. Pure but for reading them once.

All of them stand under one version, the hash of everything there is, so that a browser may keep what it has for ever and
modules that import each other by relative addresses are always of one kind.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coordinator.browser import parts

OURS = Path(__file__).parent / "static"
VENDOR = "vendor"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
}
"""What is served, and as what. Anything else in the folders is not."""

SQUEEZED = (".js", ".css", ".svg", ".webmanifest")
"""Files that gzip makes smaller; fonts and pictures are compressed in themselves."""


@dataclass(frozen=True)
class File:
    """A file as it is sent; ``squeezed`` is the same by gzip, None where that would not be smaller."""

    content: bytes
    squeezed: bytes | None
    media_type: str
    tag: str


@dataclass(frozen=True)
class Files:
    """All files by name, such as ``js/board.js``, and the version they stand under."""

    version: str
    by_name: dict[str, File]
    complete: bool
    """Whether the third-party parts are there, without which no page works."""

    def address(self, name: str) -> str:
        """Where a file is; KeyError where there is none, unless it is a part that was not fetched."""
        if name not in self.by_name and not name.startswith(f"{VENDOR}/"):
            raise KeyError(name)
        return f"/static/{self.version}/{name}"


@functools.cache
def load(ours: Path = OURS, vendor: Path | None = None) -> Files:
    """Reads both folders; ``vendor`` is that of this environment unless another is named."""
    place = vendor or parts.folder(Path(sys.prefix))
    by_name = dict(_read(ours, "")) | dict(_read(place, f"{VENDOR}/"))
    everything = hashlib.sha256("".join(f"{name} {file.tag}\n" for name, file in sorted(by_name.items())).encode())
    return Files(everything.hexdigest()[:12], by_name, parts.complete(place))


def _read(folder: Path, prefix: str) -> Iterator[tuple[str, File]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.suffix in TYPES and path.is_file():
            content = path.read_bytes()
            squeezed = gzip.compress(content, 9, mtime=0) if path.suffix in SQUEEZED else None
            tag = hashlib.sha256(content).hexdigest()[:32]
            yield prefix + path.relative_to(folder).as_posix(), File(content, squeezed, TYPES[path.suffix], tag)
