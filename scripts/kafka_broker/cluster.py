"""The brokers of one folder: a single one in the folder itself, several in broker-1, broker-2, ..."""
import base64
import contextlib
import json
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time
import uuid

from kafka_broker.errors import BrokerError, require
from kafka_broker.node import Node, stop
from kafka_broker.security import LISTENERS as SECURED_LISTENERS
from kafka_broker.security import make_secrets, scram_options, security_properties
from kafka_broker.server_properties import server_properties
from kafka_broker.wire import live_brokers, serves

START_DEADLINE_S = 90
# A broker whose peers are gone waits for them for minutes before it ends.
STOP_TOGETHER_DEADLINE_S = 10
# Below the kernel's ephemeral ports, so that no outgoing connection takes the port while a broker restarts.
PORTS = range(20000, 32000)


class Ports:
    """Hands out ports that are free now, none of them twice."""

    def __init__(self, taken=()):
        self.taken = set(taken)

    def free(self):
        for port in random.sample(PORTS, 200):
            if port in self.taken:
                continue
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with contextlib.suppress(OSError):
                    probe.bind(("127.0.0.1", port))
                    self.taken.add(port)
                    return port
        raise BrokerError(f"no free port between {PORTS.start} and {PORTS.stop}")


class Cluster:
    """`plan`: {"brokers": how many, "listeners": {name: [the advertised port of each broker]}, "secured": whether with
    the listeners of security.py}; what it does not say: what is in the folder, or else a single broker in plain text."""

    def __init__(self, folder, version, plan):
        self.folder = pathlib.Path(folder).resolve()
        self.version = version
        self.plan_file = self.folder / "cluster.json"
        self.secrets = self.folder / "secrets"
        self.plan = self.read_plan(plan)
        count = self.plan["brokers"]
        self.nodes = [Node(self.folder if count == 1 else self.folder / f"broker-{number}", number)
                      for number in range(1, count + 1)]

    def read_plan(self, wanted):
        found = {"brokers": 1, "listeners": {}, "secured": False}
        if self.plan_file.is_file():
            found.update(json.loads(self.plan_file.read_text()))
        elif not (self.folder / "data" / "meta.properties").is_file():
            return {**found, **wanted}
        if any(found[name] != value for name, value in wanted.items()):
            raise BrokerError(f"{self.folder} has brokers of other settings: {json.dumps(found)}")
        return found

    def chosen(self, number):
        """All nodes, or one by its number."""
        if number is None:
            return self.nodes
        if not 1 <= number <= len(self.nodes):
            raise BrokerError(f"--broker must be 1 to {len(self.nodes)}")
        return [self.nodes[number - 1]]

    def addresses(self):
        return ",".join(f"127.0.0.1:{node.port()}" for node in self.nodes)

    def start(self, number=None):
        """Starts what does not run; returns the processes."""
        require("java", "default-jre-headless")
        nodes = [node for node in self.chosen(number) if node.pid() is None]
        if not nodes:
            raise BrokerError(f"a broker is running in {self.chosen(number)[0].folder} already")
        new = not all((node.data / "meta.properties").is_file() for node in nodes)
        for _ in range(5):
            if new:
                self.format()
            processes = {node: node.launch(self.version) for node in nodes}
            if self.wait_until_serving(processes):
                return list(processes.values())
            # Somebody else may have taken a port between our look and the broker's bind.
            if not new or not any(b"Address already in use" in node.output.read_bytes() for node in nodes):
                break
        raise BrokerError("\n".join(f"the broker did not start; the end of {node.output}:\n{node.tail()}"
                                    for node in nodes))

    def launch(self, number=None):
        """Starts what does not run, and returns at once."""
        nodes = [node for node in self.chosen(number) if node.pid() is None]
        if not all((node.data / "meta.properties").is_file() for node in nodes):
            raise BrokerError(f"{self.folder} has no brokers yet: start them without --no-wait first")
        for node in nodes:
            node.launch(self.version)

    def format(self):
        """New ports, new data."""
        ports = Ports(port for listener in self.plan["listeners"].values() for port in listener)
        own = {node: {"BROKER": ports.free(), "CONTROLLER": ports.free()} for node in self.nodes}
        voters = {node.number: own[node]["CONTROLLER"] for node in self.nodes}
        security, format_options = "", []
        if self.plan["secured"]:
            make_secrets(self.secrets)
            security, format_options = security_properties(self.secrets), scram_options(self.secrets)
        lines = []
        for node in self.nodes:
            shutil.rmtree(node.data, ignore_errors=True)
            listeners = self.further_listeners(node, ports)
            lines += [f"{name} {node.number} {advertised} {port}\n"
                      for name, (port, advertised, _) in listeners.items()]
            node.write_settings(server_properties(node.number, node.data, own[node], voters, listeners) + security)
        (self.folder / "listeners").write_text("".join(lines))
        self.plan_file.write_text(json.dumps(self.plan))
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        formats = [node.begin_format(self.version, cluster_id, format_options) for node in self.nodes]
        outputs = [process.communicate()[0] for process in formats]
        for process, output in zip(formats, outputs):
            if process.returncode != 0:
                raise BrokerError("formatting the data folder failed:\n" + output.decode(errors="replace")[-4000:])

    def further_listeners(self, node, ports):
        """{name: (port, advertised port, protocol)}"""
        listeners = {name: (ports.free(), advertised[node.number - 1], "PLAINTEXT")
                     for name, advertised in self.plan["listeners"].items()}
        if self.plan["secured"]:
            for name, protocol in SECURED_LISTENERS.items():
                port = ports.free()
                listeners[name] = (port, port, protocol)
        return listeners

    def wait_until_serving(self, processes):
        """Until those started answer, and know one another. False where one ends, or takes too long."""
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in processes.values()):
                break
            if all(serves(node.port()) and live_brokers(node.port()) >= len(processes) for node in processes):
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                next(iter(processes.values())).wait(timeout=0.05)
        for process in processes.values():
            process.kill()
            process.wait()
        return False

    def stop(self, sig, number=None):
        nodes = self.chosen(number)
        if sig == signal.SIGTERM and len(nodes) > 1:
            stop(nodes, sig, STOP_TOGETHER_DEADLINE_S)
        else:
            stop(nodes, sig)
