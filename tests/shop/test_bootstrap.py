"""From a bare Python to a running command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shop.bootstrap import chromium, local, venv, verbs
from tests.processes import CHECKOUT, clean_environment


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout nobody has set up."""
    for name in ("manage.py", "requirements.txt"):
        shutil.copy(CHECKOUT / name, tmp_path)
    (tmp_path / "shop").mkdir()
    shutil.copy(CHECKOUT / "shop" / "__init__.py", tmp_path / "shop")
    for package in ("bootstrap", "embedded"):
        shutil.copytree(CHECKOUT / "shop" / package, tmp_path / "shop" / package)
    return tmp_path


def _bare(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as an interpreter without packages does: -I and -S leave it the standard library."""
    environment = clean_environment()
    del environment["KINGPOST_NO_VENV"]
    run = f"import sys, runpy; sys.path.insert(0, {str(checkout)!r}); sys.argv[0] = 'manage.py'; "
    run += "sys.prefix = sys.base_prefix; runpy.run_path('manage.py', run_name='__main__')"
    command = [sys.executable, "-I", "-S", "-c", run, *words]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def test_command_before_setup_says_what_to_do(checkout: Path) -> None:
    told = _bare(checkout, "migrate")
    assert (told.returncode, told.stderr) == (
        1,
        "Kingpost: the packages are not here yet: run `python3 manage.py setup` (or `make setup`) first.\n",
    )


@pytest.mark.parametrize("verb", ["setup", *verbs.VERBS])
@pytest.mark.parametrize("asked", ["-h", "--help"])
def test_who_asks_how_is_told_with_an_example_and_nothing_is_set_up(checkout: Path, verb: str, asked: str) -> None:
    told = _bare(checkout, verb, asked)

    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(f"usage: manage.py {verb}")
    assert f"python3 manage.py {verb}" in told.stdout
    assert not (checkout / ".venv").exists()


def test_setup_does_nothing_when_it_is_fresh(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".venv" / "kingpost-stamp").write_text(venv._stamp())
    told = _bare(checkout, "setup")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    assert not (checkout / "var").exists()


def test_changed_lock_or_lost_interpreter_is_not_fresh(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = checkout / ".venv" / "kingpost-stamp"
    for name, value in {"PYTHON": python, "STAMP": stamp, "LOCK": checkout / "requirements.txt"}.items():
        monkeypatch.setattr(venv, name, value)
    stamp.write_text(venv._stamp())
    assert venv.is_fresh()
    with (checkout / "requirements.txt").open("a") as lock:
        lock.write("# one more\n")
    assert not venv.is_fresh()
    stamp.write_text(venv._stamp())
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert not venv.is_fresh()


OTHER_PYTHON = "3.11" if sys.version_info[:2] == (3, 13) else "3.13"


@pytest.mark.parametrize(
    ("program", "built_by", "builds"),
    [
        ("python3", OTHER_PYTHON, False),  # `make setup PYTHON=python3.13`, then a plain `make demo`
        ("python3.11", OTHER_PYTHON, True),
        ("/opt/python/bin/python3", OTHER_PYTHON, True),
        ("python3", "an older lock", True),
    ],
)
def test_a_plain_command_goes_on_with_the_python_setup_was_given(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, program: str, built_by: str, builds: bool
) -> None:
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = checkout / ".venv" / "kingpost-stamp"
    digest, _, machine = venv._stamp().split()
    stamp.write_text(f"{digest} {built_by} {machine}" if built_by == OTHER_PYTHON else "other 3.11 other")
    built: list[bool] = []
    for name, value in {"PYTHON": python, "STAMP": stamp, "setup": lambda: built.append(True)}.items():
        monkeypatch.setattr(venv, name, value)
    monkeypatch.setattr(venv, "_chosen", lambda: False)
    monkeypatch.setattr(sys, "orig_argv", [program, "manage.py", "demo"])

    venv.setup_unless_chosen()

    assert bool(built) == builds


def test_env_file_fills_what_the_environment_leaves_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(
        "# a remark\n\nexport SHOP_ONE='a b'\nSHOP_TWO=\"c=d\"\nSHOP_THREE=e # why\nSHOP_FOUR=file\nno sign\n"
    )
    monkeypatch.setattr(local, "CHECKOUT", tmp_path)
    monkeypatch.setattr(os, "environ", {"SHOP_FOUR": "environment"})
    local.read_env_file()
    assert os.environ == {"SHOP_ONE": "a b", "SHOP_TWO": "c=d", "SHOP_THREE": "e", "SHOP_FOUR": "environment"}


def test_example_of_the_env_file_gives_no_remark_as_a_value() -> None:
    """Whoever copies it and leaves a line empty must not run on a secret key that everybody can read."""
    lines = (local.CHECKOUT / ".env.example").read_text().splitlines()
    values = {line.removeprefix("#").partition("=")[0]: line.partition("=")[2] for line in lines if line[:2] != "# "}
    assert values["SECRET_KEY"] == ""
    assert [name for name, value in values.items() if "#" in value] == []


def test_remark_behind_an_empty_value_is_not_the_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("SECRET_KEY=      # long and random\n")
    monkeypatch.setattr(local, "CHECKOUT", tmp_path)
    monkeypatch.setattr(os, "environ", {})
    local.read_env_file()
    assert os.environ == {"SECRET_KEY": ""}


def test_servers_named_in_the_env_file_keep_the_launcher_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgres://shop@db/shop\nREDIS_URL=redis://broker/0\n")
    monkeypatch.setattr(local, "CHECKOUT", tmp_path)
    monkeypatch.setattr(os, "environ", {"DATA_DIR": str(tmp_path / "data")})
    local.read_env_file()
    local.fill_with_servers()
    assert os.environ["DATABASE_URL"] == "postgres://shop@db/shop"
    assert "KINGPOST_DEMO" not in os.environ
    assert not (tmp_path / "data").exists()


def test_secret_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    key = local.kept_secret_key()
    assert len(key) >= 50
    assert local.kept_secret_key() == key
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_named_chromium_wins_and_a_wrong_name_finds_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINGPOST_CHROMIUM", sys.executable)
    assert chromium.find() == sys.executable
    monkeypatch.setenv("KINGPOST_CHROMIUM", str(tmp_path / "none"))
    assert chromium.find() is None


def test_playwrights_own_browser_comes_before_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "chromium-1200" / "chrome-linux64" / "chrome"
    own.parent.mkdir(parents=True)
    own.touch()
    monkeypatch.delenv("KINGPOST_CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert chromium.find() == str(own)


def test_compiled_code_is_kept_beside_the_data_where_none_is_wanted_beside_the_sources(tmp_path: Path) -> None:
    environment = clean_environment(PYTHONDONTWRITEBYTECODE="1", PYTHONPYCACHEPREFIX=str(tmp_path))
    look = (
        "import os, sys; from shop.bootstrap.bytecode import keep_compiled_code; keep_compiled_code(); "
        "import shop.todo; print(sys.dont_write_bytecode, 'PYTHONDONTWRITEBYTECODE' in os.environ)"
    )

    done = subprocess.run(
        [sys.executable, "-c", look], cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout == "False False\n"
    assert [file.name.split(".")[0] for file in tmp_path.rglob("*.pyc") if file.name.startswith("todo")] == ["todo"]
