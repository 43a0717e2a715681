"""The examples do what README.md says they print."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.deployment import Deployment

PACKAGE = pathlib.Path(__file__).parents[1]


@pytest.mark.parametrize("example", ["tour.py", "tour_async.py"])
def test_example_prints_what_the_readme_says(own_services: Deployment, example: str) -> None:
    addresses = {
        "ROSTER_COMMAND_SERVICE": own_services.command_service,
        "ROSTER_QUERY_SERVICE": own_services.query_service,
        "PYTHONPATH": str(PACKAGE / "src"),
    }
    run = subprocess.run(
        [sys.executable, f"examples/{example}"],
        cwd=PACKAGE, env=os.environ | addresses, timeout=120, check=True, stdout=subprocess.PIPE, text=True,
    )
    readme = (PACKAGE / "README.md").read_text()
    assert f"$ python examples/{example}\n{run.stdout}```" in readme
