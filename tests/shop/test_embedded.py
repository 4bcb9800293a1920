"""The launcher on real servers: what it promises when everything goes well, and when it is killed half-way."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from shop.embedded import EmbeddedError, Servers, binaries, places
from shop.embedded.locks import Life, open_lock
from shop.embedded.postgres import Postgres
from tests.processes import CHECKOUT, clean_environment, wait_for

pytestmark = pytest.mark.faults  # every one starts, freezes or kills real servers

USE = """
import sys
from pathlib import Path
from shop import embedded
import os
embedded.fill_urls(Path(sys.argv[1]))
print(os.environ["DATABASE_URL"], flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder every user may walk through; whatever runs in it is stopped in the end."""
    made = Path(tempfile.mkdtemp(prefix="kingpost-test-"))
    made.chmod(0o755)
    yield made
    for home in (made, *made.iterdir()):
        if (home / "lease").exists():
            with contextlib.suppress(EmbeddedError):  # it was another user's
                Servers(home).wipe()
    shutil.rmtree(made)


@pytest.fixture
def home(folder: Path) -> Path:
    return folder / "data"


def _connect(home: Path) -> psycopg.Connection[tuple[object, ...]]:
    sockets = places.prepare(home.absolute()).pg_sockets
    return psycopg.connect(f"host='{sockets}' user=kingpost dbname=kingpost", autocommit=True)


def _redis(home: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(places.prepare(home.absolute()).valkey_socket))


def _postgres(home: Path) -> Postgres:
    return Postgres(places.prepare(home.absolute()), durable=True)


def _pid(servers: Servers, variable: str) -> int:
    pid = servers.pid_of(variable)
    assert pid is not None
    return pid


def _user_of(home: Path, **extra: object) -> subprocess.Popen[str]:
    """Another process that uses the servers until its input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(home)],
        env=clean_environment(),
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **extra,  # type: ignore[call-overload]
    )


def test_empty_folder_gives_both_servers_and_a_database(home: Path) -> None:
    servers = Servers(home)
    urls = servers.acquire()
    assert sorted(urls) == ["DATABASE_URL", "REDIS_URL"]
    with _connect(home) as connection:
        settings = "select name, setting from pg_settings where name = any(%s) order by name"
        safe = ["data_checksums", "fsync", "full_page_writes", "listen_addresses", "synchronous_commit"]
        assert connection.execute(settings, [safe]).fetchall() == [
            ("data_checksums", "on"),
            ("fsync", "on"),
            ("full_page_writes", "on"),
            ("listen_addresses", ""),
            ("synchronous_commit", "on"),
        ]
        connection.execute("create extension pg_trgm; create extension unaccent; create extension btree_gist")
    assert _redis(home).ping() is True
    servers.release()
    assert not _postgres(home).life.alive()
    with pytest.raises(redis.ConnectionError):
        _redis(home).ping()


def test_second_start_goes_on_with_the_same_data(home: Path) -> None:
    first = Servers(home)
    first.acquire()
    with _connect(home) as connection:
        connection.execute("create table kept (id int); insert into kept values (7)")
    _redis(home).set("kept", "7")
    first.release()

    second = Servers(home)
    second.acquire()
    with _connect(home) as connection:
        assert connection.execute("select id from kept").fetchall() == [(7,)]
    assert _redis(home).get("kept") == b"7"
    second.release()


def test_only_the_server_that_is_missing_is_started(home: Path) -> None:
    servers = Servers(home)
    assert list(servers.acquire(postgres=False)) == ["REDIS_URL"]
    assert not list(home.glob("pg*"))
    servers.release()


def test_last_user_stops_the_servers(home: Path) -> None:
    first, second = Servers(home), Servers(home)
    first.acquire()
    second.acquire()
    first.release()
    assert _postgres(home).answers()
    assert _redis(home).ping() is True
    second.release()
    assert not _postgres(home).life.alive()


def test_asking_whether_a_server_lives_never_makes_it_look_alive(tmp_path: Path) -> None:
    life = Life(tmp_path / "alive")
    question = open_lock(life.path)
    fcntl.flock(question, fcntl.LOCK_SH)
    assert not life.alive()
    threading.Timer(0.2, os.close, [question]).start()
    with life.hand_over():  # waits for the question to end
        assert life.alive()
    assert not life.alive()


@pytest.mark.faults
@pytest.mark.parametrize("name", ["my shop, ünï'q", "x" * 140], ids=["blanks-and-umlauts", "140-characters"])
def test_any_folder_name_will_do(folder: Path, name: str) -> None:
    home = folder / name
    servers = Servers(home)
    servers.acquire()
    with _connect(home) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]
    assert _redis(home).ping() is True
    servers.release()


def _stranger(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """A living process with the server's user, as its number may be found in a file after a reboot."""
    user = places.prepare(home.absolute()).pg_user
    identity = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    return subprocess.Popen(["/bin/sh", "-c", "sleep 60; true", *words], start_new_session=True, **identity)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def stale(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A stopped cluster whose postmaster.pid names a living stranger."""
    servers = Servers(home)
    servers.acquire(valkey=False)
    servers.release()
    stranger = _stranger(home)
    pid_file = _postgres(home)._cluster / "postmaster.pid"
    pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n{int(time.time())}\n5432\n\n\n")
    yield stranger
    os.killpg(stranger.pid, signal.SIGKILL)
    stranger.wait()


@pytest.mark.faults
def test_stale_pid_file_naming_a_living_stranger_is_cleared(home: Path, stale: subprocess.Popen[bytes]) -> None:
    servers = Servers(home)
    servers.acquire(valkey=False)
    assert _postgres(home).answers()
    assert stale.poll() is None
    servers.release()


@pytest.mark.faults
def test_without_the_clearing_postgres_refuses(
    home: Path, stale: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Postgres, "_clear_stale_pid_files", lambda self, cluster: None)
    with pytest.raises(EmbeddedError, match=r"did not start .*postmaster\.pid"):
        Servers(home).acquire(valkey=False)


@pytest.mark.faults
def test_server_somebody_started_by_hand_is_left_alone(home: Path) -> None:
    servers = Servers(home)
    servers.acquire(valkey=False)
    servers.release()
    cluster = _postgres(home)._cluster
    by_hand = _stranger(home, "-D", str(cluster))
    (cluster / "postmaster.pid").write_text(f"{by_hand.pid}\n")
    try:
        with pytest.raises(EmbeddedError, match="that Kingpost did not start"):
            Servers(home).acquire(valkey=False)
    finally:
        os.killpg(by_hand.pid, signal.SIGKILL)
        by_hand.wait()


def test_data_of_another_version_is_not_overlooked(home: Path) -> None:
    (home / "pg12").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match="holds data of another version"):
        Servers(home).acquire(valkey=False)
    assert not list(home.glob(".initdb-*"))


def test_folder_that_cannot_be_written_is_one_sentence() -> None:
    with pytest.raises(EmbeddedError, match=r"^Kingpost cannot keep its data in /proc/kingpost .*: set DATA_DIR"):
        Servers(Path("/proc/kingpost")).acquire()


def test_program_that_is_not_there_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINGPOST_PG_BIN", "/nowhere")
    with pytest.raises(EmbeddedError, match="KINGPOST_PG_BIN names /nowhere"):
        Servers(home).acquire(valkey=False)


def test_programs_of_the_machine_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("this machine has no PostgreSQL of its own")
    assert (binaries.find_postgres() / "postgres").exists()


def test_shared_folder_somebody_prepared_is_refused(folder: Path) -> None:
    trap = folder / "trap"
    trap.mkdir(mode=0o777)
    trap.chmod(0o777)
    with pytest.raises(EmbeddedError, match="not a private folder"):
        places._own_folder(trap, None, 0o700)
    (folder / "link").symlink_to(folder)
    with pytest.raises(EmbeddedError, match="not a private folder"):
        places._own_folder(folder / "link", None, 0o700)


def test_wipe_refuses_while_somebody_uses_the_servers(home: Path) -> None:
    servers = Servers(home)
    servers.acquire()
    with pytest.raises(EmbeddedError, match="Another process uses"):
        Servers(home).wipe()
    servers.release()
    Servers(home).wipe()
    assert not list(home.glob("pg*"))


@pytest.mark.faults
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are closed to the server's user")
def test_closed_home_of_root_stays_closed(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "data"
    servers = Servers(home)
    servers.acquire()
    with _connect(home) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]
    assert closed.stat().st_mode & 0o777 == 0o700
    store = places.prepare(home).store
    assert store.parent == places.ROOTS_STORE
    servers.release()
    Servers(home).wipe()
    shutil.rmtree(store)


@pytest.mark.faults
@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs every other test of this module")
def test_ordinary_user_runs_the_servers_too(folder: Path) -> None:
    somebody = pwd.getpwnam("nobody")
    identity = {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}
    python = _python_for(identity)
    folder.chmod(0o777)
    environment = clean_environment(PYTHONPATH=":".join([str(CHECKOUT), *sys.path]), HOME=str(folder))
    told = subprocess.run(
        [python, "-c", USE, str(folder / "data")],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **identity,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("postgres://kingpost@/kingpost?host=")
    assert (folder / "data" / "run").stat().st_uid == somebody.pw_uid


def _python_for(identity: dict[str, object]) -> str:
    """An interpreter that user may run; ours may stand in root's closed home."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            import_ours = [python, "-c", "import psycopg"]
            environment = {"PYTHONPATH": ":".join(sys.path)}
            if subprocess.run(import_ours, env=environment, cwd="/", capture_output=True, **identity).returncode == 0:  # type: ignore[call-overload]
                return python
        except OSError:
            continue
    pytest.skip(f"no {version} here that an ordinary user may run")


@pytest.mark.faults
def test_eight_processes_at_once_share_one_server(home: Path) -> None:
    users = [_user_of(home) for _ in range(8)]
    told = {user.stdout.readline() for user in users if user.stdout}
    assert len(told) == 1
    with _connect(home) as connection:
        started = connection.execute("select pg_postmaster_start_time()").fetchone()
    assert started is not None
    assert len(list(home.glob("pg*[0-9]"))) == 1
    assert not list(home.glob(".initdb-*"))
    for user in users[:-1]:
        user.communicate("\n", timeout=30)
    assert _postgres(home).answers()
    users[-1].communicate("\n", timeout=30)
    assert not _postgres(home).life.alive()


@pytest.mark.faults
def test_killed_while_making_the_data_folder_starts_clean_next_time(home: Path) -> None:
    user = _user_of(home, start_new_session=True)
    wait_for(lambda: any(home.glob(".initdb-*/PG_VERSION")), seconds=30, what="initdb at work")
    os.killpg(user.pid, signal.SIGKILL)
    user.wait()
    assert not list(home.glob("pg*[0-9]"))
    servers = Servers(home)
    servers.acquire()
    assert _postgres(home).answers()
    assert not list(home.glob(".initdb-*"))
    servers.release()


@pytest.mark.faults
def test_killed_postmaster_loses_no_acknowledged_row(home: Path) -> None:
    servers = Servers(home)
    servers.acquire()
    with _connect(home) as connection:
        connection.execute("create table told (id int primary key)")
    acknowledged = 0

    def insert() -> None:
        nonlocal acknowledged
        with _connect(home) as connection:
            while True:
                try:
                    connection.execute("insert into told values (%s)", [acknowledged])
                except psycopg.Error:
                    return
                acknowledged += 1

    writer = threading.Thread(target=insert)
    writer.start()
    wait_for(lambda: acknowledged > 200, seconds=30, what="200 rows")
    pid = _postgres(home).life.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    writer.join(timeout=30)
    wait_for(lambda: not _postgres(home).life.alive(), seconds=10, what="its processes gone")
    assert servers.revive() == ["PostgreSQL"]
    wait_for(lambda: _postgres(home).answers(), seconds=30, what="PostgreSQL back")
    with _connect(home) as connection:
        rows = connection.execute("select count(*) from told where id < %s", [acknowledged]).fetchone()
    assert rows == (acknowledged,)
    servers.release()


@pytest.mark.faults
def test_watch_brings_both_back(home: Path) -> None:
    servers = Servers(home)
    servers.acquire()
    _redis(home).set("kept", "7")
    time.sleep(1.5)  # Valkey promises what is older than a second
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.kill(_pid(servers, variable), signal.SIGKILL)
    wait_for(lambda: not any(server.life.alive() for server in servers._both), seconds=10, what="both gone")
    assert servers.revive() == ["Valkey", "PostgreSQL"]
    wait_for(lambda: all(server.answers() for server in servers._both), seconds=30, what="both back")
    assert _redis(home).get("kept") == b"7"
    assert servers.revive() == []
    servers.release()


@pytest.mark.faults
def test_servers_of_a_killed_user_are_taken_over_and_stopped(home: Path) -> None:
    user = _user_of(home)
    assert user.stdout
    user.stdout.readline()
    user.kill()
    user.wait()
    before = _postgres(home).life.pid()
    assert before is not None
    servers = Servers(home)
    servers.acquire()
    assert _postgres(home).life.pid() == before
    servers.release()
    assert not _postgres(home).life.alive()


@pytest.mark.faults
def test_terminated_user_stops_the_servers(home: Path) -> None:
    user = _user_of(home)
    assert user.stdout
    user.stdout.readline()
    user.terminate()
    assert user.wait(timeout=30) == 128 + signal.SIGTERM
    assert not _postgres(home).life.alive()


@pytest.mark.faults
def test_frozen_valkey_makes_room(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.embedded.valkey.FROZEN_AFTER_SECONDS", 1)
    first = Servers(home)
    first.acquire(postgres=False)
    os.kill(_pid(first, "REDIS_URL"), signal.SIGSTOP)
    second = Servers(home)
    second.acquire(postgres=False)
    assert _redis(home).ping() is True
    second.release()
    first.release()


@pytest.mark.faults
def test_tests_data_that_nobody_synced_is_made_anew(home: Path) -> None:
    servers = Servers(home, durable=False)
    servers.acquire(valkey=False)
    servers.release()
    control = _postgres(home)._cluster / "global" / "pg_control"
    control.write_bytes(b"")
    with pytest.raises(EmbeddedError, match="did not start"):
        Servers(home).acquire(valkey=False)  # what shall last is never thrown away
    servers = Servers(home, durable=False)
    servers.acquire(valkey=False)
    assert _postgres(home).answers()
    servers.release()
