"""The C++ example prints what clients/cpp/README.md says: example_test.py PROGRAMS"""

import json
import os
import pathlib
import subprocess
import sys

CLIENTS = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = "build/release/bin/roster-client-example"


def main(programs: str) -> None:
    environment = {"ROSTER_PROGRAMS": programs} | os.environ
    services = subprocess.Popen(
        [sys.executable, CLIENTS / "testing" / "deployment"],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    addresses = json.loads(services.stdout.readline())
    environment["ROSTER_COMMAND_SERVICE"] = f"{addresses['another_command_service']},{addresses['command_service']}"
    environment["ROSTER_QUERY_SERVICE"] = addresses["query_service"]
    program = pathlib.Path(programs, pathlib.Path(EXAMPLE).name)
    run = subprocess.run([program], env=environment, check=True, timeout=60, stdout=subprocess.PIPE, text=True)
    services.communicate(timeout=60)
    said = f"$ {EXAMPLE}\n{run.stdout}```"
    if said not in (CLIENTS / "cpp" / "README.md").read_text():
        sys.exit(f"README.md does not say\n{said}")


if __name__ == "__main__":
    main(sys.argv[1])
