"""One broker: a process with a folder of its own."""
import contextlib
import os
import pathlib
import select
import signal
import subprocess

from kafka_broker.jars import java
from kafka_broker.server_properties import LOG_SETTINGS, log_flags

STOP_DEADLINE_S = 60


class Node:
    def __init__(self, folder, number):
        self.folder = pathlib.Path(folder)
        self.number = number
        self.pid_file = self.folder / "broker.pid"
        self.properties = self.folder / "server.properties"
        self.output = self.folder / "broker.log"
        self.data = self.folder / "data"

    def pid(self):
        """The running broker's process; None where there is none."""
        try:
            pid = int(self.pid_file.read_text())
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.properties).encode() in command else None  # not another process with a used pid

    def port(self):
        """Of the listener BROKER, which is the first."""
        for line in self.properties.read_text().splitlines():
            if line.startswith("advertised.listeners="):
                return int(line.partition("=")[2].split(",")[0].rsplit(":", 1)[1])
        raise ValueError(f"{self.properties} names no listener")

    def write_settings(self, properties):
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in LOG_SETTINGS.items():
            (self.folder / name).write_text(text)
        self.properties.write_text(properties)

    def begin_format(self, version, cluster_id, options):
        # Of these ids, one in 64 begins with a dash.
        return subprocess.Popen(java(version, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c",
                                     str(self.properties), *options, flags=log_flags(self.folder)),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def launch(self, version):
        with open(self.output, "ab") as output:
            process = subprocess.Popen(java(version, "kafka.Kafka", str(self.properties), flags=log_flags(self.folder)),
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                       close_fds=True, start_new_session=True)
        self.pid_file.write_text(str(process.pid))
        return process

    def tail(self):
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-30:])


def stop(nodes, sig, deadline_s=STOP_DEADLINE_S):
    """Ends all of them at once, and waits until they are gone."""
    handles = []
    for node in nodes:
        pid = node.pid()
        with contextlib.suppress(ProcessLookupError):
            if pid is not None:
                handles.append(os.pidfd_open(pid))
                signal.pidfd_send_signal(handles[-1], sig)
    for handle in handles:
        with contextlib.suppress(ProcessLookupError):
            if not wait_for_end(handle, deadline_s):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                wait_for_end(handle, deadline_s)
        os.close(handle)
    for node in nodes:
        node.pid_file.unlink(missing_ok=True)


def wait_for_end(pidfd, seconds):
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
