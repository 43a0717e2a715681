"""Roster's three servers as processes, on the embedded log, in a temporary folder, with their metrics shown.

The programs are in the folder that the environment variable ROSTER_BIN_DIR names.
"""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.request

DEADLINE_S = 60


def wait_for(what, condition, deadline_s=DEADLINE_S):
    """What `condition` returns as soon as that is true."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited {deadline_s} s in vain: {what}")


class Process:
    """A program with its standard error in a file. Killed by close."""

    def __init__(self, arguments, log):
        self.log_path = log
        # Of this start.
        self.log_start = log.stat().st_size if log.exists() else 0
        with open(log, "ab") as stderr:
            self.process = subprocess.Popen([str(argument) for argument in arguments], stderr=stderr, stdout=subprocess.DEVNULL)

    def log(self):
        return self.log_path.read_bytes()[self.log_start:].decode()

    def log_lines(self, message):
        """The JSON log lines with this message; the last line may still be under way."""
        lines = [line for line in self.log().split("\n")[:-1] if line.startswith("{")]
        return [line for line in map(json.loads, lines) if line["message"] == message]

    def wait_for_line(self, message):
        def line():
            if self.process.poll() is not None:
                raise AssertionError(f"it has ended:\n{self.log()}")
            return self.log_lines(message)
        return wait_for(f"{message!r} in {self.log_path}", line)[0]

    def signal(self, number):
        self.process.send_signal(number)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()


class Deployment:
    def __init__(self):
        self.bin = pathlib.Path(os.environ["ROSTER_BIN_DIR"])
        self.folder_handle = tempfile.TemporaryDirectory(prefix="roster-metrics-")
        self.folder = pathlib.Path(self.folder_handle.name)
        self.processes = {}

    def close(self):
        for process in self.processes.values():
            process.close()
        self.folder_handle.cleanup()

    def start(self, name, program, *flags):
        """Starts a program of any kind; its log is NAME.log."""
        self.processes[name] = Process([program, *flags], self.folder / f"{name}.log")
        return self.processes[name]

    def start_server(self, name, *flags):
        return self.start(name, self.bin / f"roster-{name}", "--metrics-address=127.0.0.1:0", *flags)

    def start_all(self, projector_flags=()):
        log = f"--log=embedded:{self.folder / 'log.db'}"
        read_model = f"--read-model={self.folder / 'read-model'}"
        self.start_server("command-service", log, "--listen=127.0.0.1:0", f"--write-model={self.folder / 'write-model.db'}")
        self.start_server("projector", log, read_model, *projector_flags)
        self.start_server("query-service", read_model, "--listen=127.0.0.1:0")

    def metrics_address(self, name):
        return self.processes[name].wait_for_line("showing metrics")["address"]

    def scrape(self, name):
        with urllib.request.urlopen(f"http://{self.metrics_address(name)}/metrics", timeout=DEADLINE_S) as page:
            return page.read().decode()

    def rosterctl_command(self):
        return [self.bin / "rosterctl", *(f"--{name}={self.processes[name].wait_for_line('listening')['address']}"
                                          for name in ("command-service", "query-service"))]

    def rosterctl(self, *arguments, codes=(0,)):
        environment = dict(os.environ, XDG_STATE_HOME=str(self.folder))
        done = subprocess.run([*self.rosterctl_command(), *arguments, "--timeout=60"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=environment, text=True, check=False)
        if done.returncode not in codes:
            raise AssertionError(f"rosterctl {arguments}: {done.returncode}\n{done.stdout}")
        return done.stdout
