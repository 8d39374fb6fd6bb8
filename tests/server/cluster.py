"""A PostgreSQL of the test run's own: started by whichever worker needs it first, gone when the run is.

As a program (`cluster.py FOLDER PID on|off`) it is the keeper: it runs the server and stops it once the process PID is gone,
however that ended.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

OWNER = "owner"  # a superuser, for the tests' own look behind the walls
ROLE = "suixin"  # the server's: it owns its databases and nothing else


def programs() -> Path | None:
    """The folder of initdb and postgres: on the path, else the newest of Debian's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest else None


def quick() -> Path:
    """A folder in memory where there is one: what a test writes need not outlive it."""
    memory = Path("/dev/shm")  # noqa: S108  whoever shares the machine has /tmp as well
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def started(run: str, keeper_of: int, *, durable: bool = False) -> Path:
    """The folder with the socket of this run's cluster; the first caller starts it.

    A durable one flushes every commit to the disk, as a benchmark must.
    """
    folder = (Path(tempfile.gettempdir()) if durable else quick()) / f"suixin-pg-{run}"
    with FileLock(f"{folder}.lock"):
        if not (folder / "ready").exists():
            _start(folder, keeper_of, durable)
    return folder


def _start(folder: Path, keeper_of: int, durable: bool) -> None:
    folder.mkdir(mode=0o755)
    with (folder / "keeper.log").open("wb") as log:
        words = [sys.executable, __file__, str(folder), str(keeper_of), "on" if durable else "off"]
        subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, check=True
        )
    deadline = time.monotonic() + 120
    while not (folder / "ready").exists():
        if time.monotonic() > deadline or (folder / "failed").exists():
            raise RuntimeError((folder / "keeper.log").read_text())
        time.sleep(0.05)


def _as_other_than_root() -> list[str]:
    """PostgreSQL refuses root: the words that run it as the user `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups", "--"]


def keep(folder: Path, keeper_of: int, durable: str) -> None:
    """Make the cluster, run it, and stop it when its user is gone."""
    where, words = programs(), _as_other_than_root()
    if words:
        user = pwd.getpwnam(words[1].partition("=")[2])
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    initdb = [
        where / "initdb",
        "-D",
        data,
        "-U",
        OWNER,
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run([*words, *map(str, initdb)], check=True, cwd=folder)
    # No test pulls the plug: what survives kill -9 is with the operating system, so nothing need be flushed.
    settings = {
        "unix_socket_directories": str(folder),
        "listen_addresses": "",
        "fsync": durable,
        "full_page_writes": durable,
        "max_connections": "60",
        "shared_buffers": "64MB" if durable == "off" else "512MB",
        "autovacuum": durable,
        "max_wal_size": "4GB",
    }
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = subprocess.Popen([*words, str(where / "postgres"), "-D", str(data), *flags], cwd=folder)
    try:
        while subprocess.run([where / "pg_isready", "-q", "-h", folder], check=False).returncode:
            if server.poll() is not None:
                raise RuntimeError("postgres ended")
            time.sleep(0.05)
        role = f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS"
        subprocess.run([where / "psql", "-qh", folder, "-U", OWNER, "-c", role, "postgres"], check=True)
        (folder / "ready").touch()
        while server.poll() is None and _alive(keeper_of):
            time.sleep(0.3)
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(2)
        server.kill()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)
        Path(f"{folder}.lock").unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if os.fork():
        os._exit(0)  # whoever called waits for no child: the keeper lives on by itself
    try:
        keep(place, int(sys.argv[2]), sys.argv[3])
    except BaseException:
        with suppress(OSError):
            (place / "failed").touch()
        raise
