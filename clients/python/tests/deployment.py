"""Real services for the tests; see clients/testing/deployment."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

PROGRAM = pathlib.Path(__file__).parents[2] / "testing" / "deployment"


class Deployment:
    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        answer = self._read()
        self.command_service = answer["command_service"]
        self.query_service = answer["query_service"]
        self.another_command_service = answer["another_command_service"]
        # With --secure.
        self.ca = pathlib.Path(answer.get("ca", ""))
        self.token = pathlib.Path(answer.get("token", ""))

    def kill(self, name: str) -> None:
        self._do(f"kill {name}")

    def start(self, name: str) -> None:
        self._do(f"start {name}")

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _do(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        self._read()

    def _read(self) -> dict[str, str]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the services did not start: see what they wrote to standard error")
        answer: dict[str, str] = json.loads(line)
        return answer
