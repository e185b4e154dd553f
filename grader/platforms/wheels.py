"""The installed program as a wheel, to be taken to another machine."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.model.errors import InputError

_CHECKOUT = Path(__file__).resolve().parents[2]
_HELP = "give a wheel of gradsheet by --wheel"


@contextmanager
def wheel(given: Path | None = None) -> Iterator[Path]:
    """The path of a wheel: the one `given`, else one built from the checkout that runs.

    The same sources give the same bytes. InputError where there is neither.
    """
    if given is not None:
        if given.suffix != ".whl" or not given.is_file():
            raise InputError(given, "a file that ends in .whl is expected")
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _built(Path(folder))


def _built(folder: Path) -> Path:
    _check_checkout()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    ran = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if ran.returncode or len(wheels) != 1:
        said = ran.stderr.strip().splitlines()[-1:] or ["no wheel came out"]
        raise InputError(_CHECKOUT, f"no wheel can be built ({said[0]}): {_HELP}")
    return wheels[0]


def _check_checkout() -> None:
    try:
        project = tomllib.loads((_CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
        ours = project["project"]["name"] == "gradsheet"
    except (OSError, ValueError, LookupError):
        ours = False
    if not ours:
        raise InputError("--wheel", f"the program does not run from a checkout: {_HELP}")
