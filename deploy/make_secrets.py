"""Makes the secrets of docker-compose.yml, with passwords drawn now: ``python3 deploy/make_secrets.py [FOLDER]``.

The folder (``secrets`` beside docker-compose.yml unless named) is for its owner alone, and keeps everyone else on this
machine from the files; the files themselves can be read by all, since each container runs as another user. Git ignores the
folder by a file in it. Nothing that is there already is touched.

What the container of PostgreSQL reads of this clone is opened for reading too: whoever cloned it with a strict umask has files
that nobody else can read, and that container would say so for ever.
"""

from __future__ import annotations

import base64
import secrets
import sys
from pathlib import Path


def contents() -> dict[str, str]:
    """What is in each file. Passwords are hexadecimal: they need no escaping, in a URL or elsewhere."""
    owner, hub, queue = (secrets.token_hex(24) for _ in range(3))
    return {
        "postgres_password": secrets.token_hex(24),
        "owner_url": f"postgresql://tallyroom:{owner}@postgres/tallyroom",
        "database_url": f"postgresql://tallyroom_hub:{hub}@postgres/tallyroom",
        "redis_url": f"redis://:{queue}@redis:6379/0",
        "redis_conf": f"requirepass {queue}",
        "signing_key": signing_key(),
    }


def signing_key() -> str:
    """A private Ed25519 key in PEM: 32 secret bytes behind what PKCS #8 writes before them (RFC 8410)."""
    body = base64.b64encode(bytes.fromhex("302e020100300506032b657004220420") + secrets.token_bytes(32)).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"


def main(folder: Path) -> int:
    """Writes the files; 2 where one is there already."""
    made = {folder / name: content for name, content in contents().items()}
    there = [str(path) for path in made if path.exists()]
    if there:
        sys.stderr.write(f"there already: {', '.join(there)}; nothing was changed\n")
        return 2
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    (folder / ".gitignore").write_text("*\n")
    for path, content in made.items():
        path.write_text(content + "\n")
        path.chmod(0o444)
    _open(Path(__file__).parent / "postgres")
    sys.stdout.write(f"{len(made)} secrets are in {folder}\n")
    return 0


def _open(scripts: Path) -> None:
    """Lets everyone read the folder and what is in it, as far as they can't yet."""
    for path in (scripts, *scripts.iterdir()):
        mode = path.stat().st_mode
        wanted = mode | (0o555 if path.is_dir() else 0o444)
        if mode != wanted:
            path.chmod(wanted)


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:2]) if sys.argv[1:] else Path(__file__).parents[1] / "secrets"))
