"""Whole published nights, played from outside by the program that judges every hub, two at once."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hosting.verbs import ROOT, Up, run

SHARED = ROOT.parent / "shared"
NIGHT = SHARED / "acceptance" / "night.py"
FACTS = SHARED / "data" / "operations"
PAIR = ("united-front-2021", "oak-grove-2020")
SECONDS = 180

pytestmark = pytest.mark.skipif(
    not NIGHT.exists(), reason=f"{NIGHT} is not here: it comes with the project's shared folder, not with a clone"
)


def played(up: Up, token: str, name: str, seed: int) -> subprocess.Popen[str]:
    line = [
        sys.executable,
        str(NIGHT),
        "--url",
        up.url,
        "--token",
        token,
        "--seed",
        str(seed),
        "--threads",
        "6",
        str(FACTS / f"{name}.json"),
    ]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_two_nights_at_once_end_at_their_published_figures(tmp_path: Path) -> None:
    seeds = random.SystemRandom().sample(range(10**6), 2)
    print(f"seeds {dict(zip(PAIR, seeds, strict=True))}")
    with Up(tmp_path / "data") as up:
        token = run("token", "issue", "--role", "admin", "--name", "Judge", "--data", up.data).stdout.strip()
        nights = [played(up, token, name, seed) for name, seed in zip(PAIR, seeds, strict=True)]
        said = [night.communicate(timeout=SECONDS)[0] for night in nights]
        recounted = run("recount", "--data", up.data)
    for night, lines in zip(nights, said, strict=True):
        print(lines.splitlines()[-1])
        assert night.returncode == 0, "\n".join(line for line in lines.splitlines() if not line.startswith("ok"))
    assert (recounted.returncode, recounted.stdout.count(", equal\n")) == (0, 2), recounted
