"""What a checkout without any setting runs on: its own data folder, its own key, its own servers."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from shop import embedded
from shop.bootstrap.errors import BootstrapError

CHECKOUT = Path(__file__).resolve().parents[2]

# Commands that never open a connection. A command that is not named here gets its servers.
WITHOUT_SERVERS = frozenset({
    "help", "version", "check", "collectstatic", "findstatic", "makemessages", "compilemessages",
    "diffsettings", "startapp", "startproject", "mail_catcher", "translate_texts",
})  # fmt: skip


def data_dir() -> Path:
    """The folder of everything that is kept: servers' data, caught mail, logs. DATA_DIR, else var/ in the checkout."""
    return Path(os.environ.get("DATA_DIR") or CHECKOUT / "var").expanduser().absolute()


def read_env_file() -> None:
    """Take .env into the environment, where the environment does not say otherwise.

    django-environ reads the same file later; whether DATABASE_URL names a server has to be known here already.
    """
    file = CHECKOUT / ".env"
    if not file.is_file():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        name, sign, value = line.strip().removeprefix("export ").partition("=")
        if sign and not name.startswith("#"):
            os.environ.setdefault(name.strip(), _plain(value.strip()))


def fill_with_servers() -> None:
    """Give a command its servers when none are named."""
    _fill_key()
    embedded.fill_urls(data_dir() / "embedded")


def fill_without_servers() -> None:
    """Give a command that opens no connection what the settings insist on in a checkout without settings: a key."""
    if not os.environ.get("DATABASE_URL"):
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))


def _fill_key() -> None:
    """A checkout that runs on its own servers is a demo or a workbench and gets a key of its own, made once."""
    if os.environ.get("DATABASE_URL") or os.environ.get("SECRET_KEY"):
        return
    os.environ.setdefault("KINGPOST_DEMO", "1")
    os.environ["SECRET_KEY"] = kept_secret_key()


def kept_secret_key() -> str:
    """The key in DATA_DIR/secret-key, made at the first call and readable for us alone.

    Raises BootstrapError when the folder cannot be written.
    """
    file = data_dir() / "secret-key"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(made, "w") as out:
                out.write(secrets.token_urlsafe(50))
        return file.read_text().strip()
    except OSError as error:
        raise BootstrapError(
            f"cannot keep data in {file.parent} ({error.strerror}): set DATA_DIR to a folder you may write to."
        ) from error


def _plain(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return f" {value}".split(" #", 1)[0].strip()
