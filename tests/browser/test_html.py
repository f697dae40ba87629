"""Every page is HTML as its standard has it, by the Nu checker of the W3C."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.browser.dealings import Dealings
from tests.browser.pages import LOOKS
from tests.running import Program
from tests.tools import npm_file

pytestmark = [pytest.mark.journey, pytest.mark.model]
_JAVA = shutil.which("java")


def test_the_checker_finds_no_error_on_any_page(site: Program, dealings: Dealings, tmp_path: Path) -> None:
    if _JAVA is None:
        pytest.skip("needs Java: make tools")
    checker = npm_file("vnu-jar/build/dist/vnu.jar")
    names = _save_pages(site, dealings, tmp_path)

    # All at once: the checker takes longer to start than to read a page.
    ran = subprocess.run(
        [_JAVA, "-Xss4m", "-jar", checker, "--errors-only", "--format", "json", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    errors = {
        f"{names[Path(one['url'].removeprefix('file:'))]}: {one['message']}"
        for one in json.loads(ran.stderr)["messages"]
    }

    assert errors == set()
    assert len(names) > 150


def _save_pages(site: Program, dealings: Dealings, folder: Path) -> dict[Path, str]:
    """Each page in two languages, one of which is written from the right; by its file, whose page it is."""
    names: dict[Path, str] = {}
    for who in dict.fromkeys(look.who for look in LOOKS):
        with httpx.Client(
            base_url=site.address,
            headers={"Accept": "text/html", "Origin": site.address},
            timeout=60,
            follow_redirects=True,
        ) as client:
            if who in dealings.keys:
                client.post("/sign-in", data={"key": dealings.keys[who]})
            for look in LOOKS:
                if look.who != who:
                    continue
                for language in ("zh", "ug"):
                    address = look.address.format(**dealings.ids)
                    page = client.get(f"{address}{'&' if '?' in address else '?'}lang={language}")
                    file = folder / f"{len(names)}.html"
                    file.write_bytes(page.content)
                    names[file] = f"{who} {look.address} {language}"
    return names
