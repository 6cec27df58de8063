"""From a bare Python to one with every package: when there is something to do, and where. Installing itself is not tried here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from coordinator import __main__ as entry
from coordinator import bootstrap
from coordinator.bootstrap import NotPrepared, Place
from tests.hosting.verbs import ROOT, environment

Run = Callable[..., None]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with lock files and nothing installed, and a cache folder of its own."""
    root = tmp_path / "clone"
    (root / "requirements").mkdir(parents=True)
    for name in (bootstrap.RUN, bootstrap.TEST, "uv.txt"):
        (root / "requirements" / name).write_text(f"{name}\n")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "LOCKS", root / "requirements")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(bootstrap.parts, "fetch", lambda place, inherited: None)
    return root


@pytest.fixture
def installers(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The installers' command lines, written down instead of run; making an environment leaves what it needs to look real."""
    lines: list[list[str]] = []

    def run(command: list[str], turn: int, failure: str, settings: dict[str, str] | None = None) -> None:
        lines.append(command)
        if "venv" in command:
            pretend_environment(Path(command[-1]))

    monkeypatch.setattr(bootstrap, "_run", run)
    return lines


def pretend_environment(folder: Path, version: str = "3.11.2") -> None:
    """What ``python -m venv`` leaves, as far as anyone looks."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin" / "python").unlink(missing_ok=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "lib" / "python3.11" / "site-packages").mkdir(parents=True, exist_ok=True)
    (folder / "pyvenv.cfg").write_text(f"version = {version}\n")


def test_what_was_installed_is_not_installed_again(clone: Path, installers: list[list[str]]) -> None:
    place = Place(clone / ".venv")
    assert place.prepare(bootstrap.RUN)
    assert place.holds(bootstrap.RUN)
    assert installers
    installers.clear()
    assert not place.prepare(bootstrap.RUN)
    assert installers == []


def test_the_tests_packages_include_those_to_run(clone: Path, installers: list[list[str]]) -> None:
    place = Place(clone / ".venv")
    place.prepare(bootstrap.TEST)
    assert place.holds(bootstrap.RUN)
    assert place.holds(bootstrap.TEST)


def test_those_to_run_are_not_enough_for_the_tests(clone: Path, installers: list[list[str]]) -> None:
    place = Place(clone / ".venv")
    place.prepare(bootstrap.RUN)
    assert not place.holds(bootstrap.TEST)


def test_every_package_to_run_is_the_same_one_in_the_tests() -> None:
    pins = [
        {
            line.split()[0]
            for line in (ROOT / "requirements" / name).read_text().splitlines()
            if "==" in line and not line.startswith((" ", "#"))
        }
        for name in (bootstrap.RUN, bootstrap.TEST)
    ]
    assert pins[0]
    assert pins[0] <= pins[1]


def test_a_changed_lock_is_installed_into_the_environment_there_is(clone: Path, installers: list[list[str]]) -> None:
    place = Place(clone / ".venv")
    place.prepare(bootstrap.RUN)
    (clone / "requirements" / bootstrap.RUN).write_text("changed\n")
    installers.clear()
    assert not place.holds(bootstrap.RUN)
    assert place.prepare(bootstrap.RUN)
    assert not any("venv" in line for line in installers)


def test_an_interrupted_installation_is_begun_anew(clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(clone / ".venv")

    def interrupt(self: Place, lock: str, turn: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Place, "_install", interrupt)
        with pytest.raises(KeyboardInterrupt):
            place.prepare(bootstrap.RUN)
    assert not place.holds(bootstrap.RUN)
    installers.clear()
    place.prepare(bootstrap.RUN)
    assert "--clear" in installers[0]


@pytest.mark.parametrize("damage", ["python is gone", "python is too old", "packages are gone"])
def test_an_environment_that_cannot_be_built_upon_is_made_anew(clone: Path, installers: list[list[str]], damage: str) -> None:
    place = Place(clone / ".venv")
    pretend_environment(place.folder, "3.9.1" if damage == "python is too old" else "3.12.1")
    if damage == "python is gone":
        place.python.unlink()
    if damage == "packages are gone":
        (place.folder / "lib" / "python3.11" / "site-packages").rmdir()
    place.prepare(bootstrap.RUN)
    assert "--clear" in installers[0]


def test_a_moved_clone_is_linked_anew(clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    Place(clone / ".venv").prepare(bootstrap.RUN)
    moved = clone.rename(clone.with_name("moved clone"))
    monkeypatch.setattr(bootstrap, "ROOT", moved)
    monkeypatch.setattr(bootstrap, "LOCKS", moved / "requirements")
    place = Place(moved / ".venv")
    assert not place.holds(bootstrap.RUN)
    place.prepare(bootstrap.RUN)
    assert (place.folder / "lib/python3.11/site-packages/tallyroom.pth").read_text() == f"{moved}\n"
    assert f"exec '{moved}/.venv/bin/python'" in (place.folder / "bin" / "tallyroom").read_text()


def test_packages_come_by_pip_where_uv_fails(clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    usual = bootstrap._run

    def run(command: list[str], *rest: object) -> None:
        usual(command, *rest)  # type: ignore[arg-type]
        if command[0].endswith("/uv"):
            raise NotPrepared("uv did not succeed: no route")

    monkeypatch.setattr(bootstrap, "_run", run)
    place = Place(clone / ".venv")
    assert place.prepare(bootstrap.RUN)
    assert installers[-1][1:3] == ["-m", "pip"]
    assert installers[-1][-1].endswith("requirements/run.txt")
    assert "--require-hashes" in installers[-1]


def test_a_python_without_pip_and_ensurepip_says_what_to_install(
    clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"venv": object()}
    monkeypatch.setattr("importlib.util.find_spec", there.get)
    with pytest.raises(NotPrepared, match="neither pip nor ensurepip: install python3-venv"):
        Place(clone / ".venv").prepare(bootstrap.RUN)


def test_a_folder_that_cannot_be_written_sends_it_to_the_users_cache(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Place, "is_writable", lambda self: clone not in self.folder.parents)
    assert bootstrap.choose(bootstrap.RUN).folder.parent == clone.parent / "cache" / "tallyroom"


def test_someone_elses_environment_is_used_but_never_written(
    clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    Place(clone / ".venv").prepare(bootstrap.RUN)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert bootstrap.choose(bootstrap.RUN).folder == clone / ".venv"
    assert bootstrap.choose(bootstrap.TEST).folder != clone / ".venv"


def test_with_nowhere_to_write_it_says_so(clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(bootstrap.SKIP, raising=False)
    monkeypatch.setattr(Place, "is_writable", lambda self: False)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(SystemExit) as stopped:
        bootstrap.enter(["up"])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith(f"tallyroom: neither {clone}/.venv nor ")
    assert said.count("\n") == 1


def test_a_later_start_goes_straight_inside(clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(bootstrap.SKIP, raising=False)
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    place = Place(clone / ".venv")
    place.prepare(bootstrap.RUN)
    installers.clear()
    executed: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, line: executed.append(line))
    bootstrap.enter(["up", "--port", "0"])
    assert executed == [[str(place.python), "-P", "-m", "coordinator", "up", "--port", "0"]]
    assert installers == []


def test_inside_its_environment_it_returns_at_once(clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(bootstrap.SKIP, raising=False)
    place = Place(clone / ".venv")
    place.prepare(bootstrap.RUN)
    monkeypatch.setattr(sys, "prefix", str(place.folder))
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("it was inside already"))
    bootstrap.enter(["up"])


def test_an_image_that_brings_its_packages_is_left_alone(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bootstrap.SKIP, "1")
    bootstrap.enter(["up"])
    assert not (clone / ".venv").exists()


def test_a_second_start_waits_for_the_one_that_installs(clone: Path) -> None:
    folder = clone / ".venv"
    folder.mkdir()
    waiting = (
        "import sys; from pathlib import Path; from coordinator import bootstrap\nwith bootstrap._turn(Path(sys.argv[1])): print('mine')"
    )
    with bootstrap._turn(folder):
        second = subprocess.Popen(
            [sys.executable, "-c", waiting, str(folder)], env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert second.stderr is not None
        assert second.stderr.readline() == "tallyroom: another start is installing; waiting for it\n"
        assert second.poll() is None
    assert second.communicate()[0] == "mine\n"


def test_a_failed_installer_is_quoted_in_one_line(clone: Path) -> None:
    with pytest.raises(NotPrepared, match=r"^no luck: second third fourth$"):
        bootstrap._run(["sh", "-c", "printf 'first\nsecond\n\nthird\nfourth\n'; exit 3"], 0, "no luck")


def test_uv_is_told_what_pip_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("UV_INDEX", "https://mine.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://other.example/simple")
    told = bootstrap._uv_environment()
    assert told["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert told["UV_INDEX"] == "https://mine.example/simple"


def test_a_python_that_is_too_old_is_told_so_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert entry.main() == 2
    assert capsys.readouterr().err.startswith("tallyroom: Tallyroom needs Python 3.11 or newer")


def test_the_way_in_can_be_read_by_every_python_3() -> None:
    import ast

    for name in ("__init__.py", "__main__.py"):
        ast.parse((ROOT / "coordinator" / name).read_text(), feature_version=(3, 4))


def test_the_stamp_names_the_clone_the_python_and_the_locks(clone: Path, installers: list[list[str]]) -> None:
    place = Place(clone / ".venv")
    place.prepare(bootstrap.RUN)
    stamp = json.loads((place.folder / "tallyroom.json").read_text())
    assert stamp["root"] == str(clone)
    assert stamp["python"] == os.path.realpath(sys.executable)
    assert list(stamp["locks"]) == [bootstrap.RUN]


def test_the_browsers_parts_are_fetched_with_the_packages(
    clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[Path] = []
    monkeypatch.setattr(bootstrap.parts, "fetch", lambda place, inherited: fetched.append(place))
    Place(clone / ".venv").prepare(bootstrap.RUN)
    assert fetched == [clone / ".venv" / "share" / "tallyroom" / "browser"]


def test_a_start_whose_parts_cannot_be_fetched_goes_on_and_says_so(
    clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(place: Path, inherited: object) -> None:
        raise bootstrap.parts.NotFetched("npm: no route")

    monkeypatch.setattr(bootstrap.parts, "fetch", refuse)
    assert Place(clone / ".venv").prepare(bootstrap.RUN)
    assert "pages will not be shown, all else works, a later start tries again (npm: no route)" in capsys.readouterr().err


@pytest.mark.parametrize(("verb", "tries"), [("up", True), ("token", False)])
def test_only_a_verb_that_shows_pages_tries_again_to_fetch_their_parts(
    clone: Path, installers: list[list[str]], monkeypatch: pytest.MonkeyPatch, verb: str, tries: bool
) -> None:
    monkeypatch.delenv(bootstrap.SKIP, raising=False)
    place = Place(clone / ".venv")
    place.prepare(bootstrap.RUN)
    fetched: list[Path] = []
    monkeypatch.setattr(bootstrap.parts, "fetch", lambda place, inherited: fetched.append(place))
    monkeypatch.setattr(sys, "prefix", str(place.folder))
    bootstrap.enter([verb])
    assert bool(fetched) == tries
