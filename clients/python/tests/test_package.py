"""The wheel holds what callers import, with its types."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import zipfile

PACKAGE = pathlib.Path(__file__).parents[1]


def test_wheel_has_the_types_and_the_generated_code(tmp_path: pathlib.Path) -> None:
    # Of a copy, since building leaves folders behind.
    source = shutil.copytree(PACKAGE, tmp_path / "source")
    command = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run([sys.executable, "-m", *command], check=True, timeout=120)
    (wheel,) = tmp_path.glob("roster_client-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"roster/py.typed", "roster/client.py", "roster/v1/user_pb2.py", "roster/v1/user_pb2.pyi"} <= names
    assert not any(name.startswith("tests/") for name in names)
