"""The wheel by itself: installed from the bundle into an empty environment, without a network, and run."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Program

pytestmark = [pytest.mark.journey, pytest.mark.model]

ROOT = Path(__file__).parents[1]
_NO_NETWORK = ("unshare", "--net", "--map-root-user")


def namespaces_are_allowed() -> bool:
    if shutil.which(_NO_NETWORK[0]) is None:
        return False
    return subprocess.run([*_NO_NETWORK, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, unpacked on the machine that is to run it."""
    subprocess.run(["make", "--silent", "bundle"], cwd=ROOT, check=True)
    folder = tmp_path_factory.mktemp("bundle")
    with tarfile.open(ROOT / "dist" / "duijie-bundle.tar") as packed:
        packed.extractall(folder, filter="data")
    return folder / "duijie"


@pytest.fixture(scope="module")
def installed(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment with nothing but the bundle in it, made where no network is, if the kernel allows it."""
    folder = tmp_path_factory.mktemp("installed") / "duijie"
    prefix = _NO_NETWORK if namespaces_are_allowed() else ()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    environment = {**clean, "PIP_CONFIG_FILE": os.devnull, "PYTHON": sys.executable}
    subprocess.run([*prefix, "sh", str(bundle / "install.sh"), str(folder)], env=environment, check=True)
    yield folder
    shutil.rmtree(folder)


def test_the_wheel_runs_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    program = Program(tmp_path / "var")
    program.command, program.cwd = [str(installed / "bin" / "duijie"), "run"], tmp_path

    try:
        program.start()
        need = program.member().post("/v1/needs", json={"title": "红枣分级", "publish": True})
        page = program.client().get("/needs")
        code = program.stop()
    finally:
        program.end()

    assert (need.status_code, page.status_code, code) == (201, 200, 0)


@pytest.mark.skipif(not namespaces_are_allowed(), reason="this kernel gives no network namespaces")
def test_a_checkout_starts_from_the_wheels_alone(bundle: Path, tmp_path: Path) -> None:
    """As the README says it, with pip told of the folder and of no index."""
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout.decode()
    for name in files.rstrip("\0").split("\0"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "DUIJIE_"))
    }
    told = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(bundle / "wheels")}

    command = [*_NO_NETWORK, "make", "--silent", ".venv/.ok", f"PYTHON={sys.executable}"]
    made = subprocess.run(
        command, cwd=tmp_path, env={**clean, **told}, check=False, capture_output=True, text=True
    )
    helped = subprocess.run([tmp_path / ".venv/bin/duijie", "--help"], cwd=tmp_path, check=False, env=clean)

    assert made.returncode == 0, made.stderr
    # Not even tried: a host that drops packets would make it wait.
    assert "error sending request" not in made.stderr
    assert helped.returncode == 0
