"""docker-compose.yml as a client reads it, where there is one; no engine is needed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import CHECKOUT, clean_environment


def client() -> list[str]:
    """Return the command of Compose on this machine, empty without one."""
    if docker := shutil.which("docker"):
        asked = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return [docker, "compose"]
    alone = shutil.which("docker-compose")
    return [alone] if alone else []


def config(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Ask the client of this machine what it makes of the file."""
    if not (compose := client()):
        pytest.skip("no Compose here: `apt install docker-compose` brings one that needs no engine")
    environment = clean_environment(POSTGRES_PASSWORD="secret")
    return subprocess.run(
        [*compose, "config", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The file beside a fresh .env, as the README tells."""
    shutil.copy(CHECKOUT / "docker-compose.yml", tmp_path)
    shutil.copy(CHECKOUT / ".env.example", tmp_path / ".env")
    return tmp_path


def test_the_file_parses_and_names_every_part_of_the_shop(folder: Path) -> None:
    told = config(folder, "--services")

    assert told.returncode == 0, told.stderr
    assert sorted(told.stdout.split()) == ["beat", "migrate", "postgres", "valkey", "web", "worker"]


def test_a_misspelt_file_is_told_apart(folder: Path) -> None:
    file = folder / "docker-compose.yml"
    file.write_text(file.read_text().replace("depends_on:", "depends_upon:", 1))

    assert config(folder).returncode != 0


def test_settings_reach_the_shop_and_the_password_its_database(folder: Path) -> None:
    told = config(folder)

    assert told.returncode == 0, told.stderr
    assert "postgres://kingpost:secret@postgres:5432/kingpost" in told.stdout
    assert "ALLOWED_HOSTS: shop.example" in told.stdout
