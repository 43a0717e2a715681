"""The two questions that a script asks a broker, in Kafka's protocol."""
import socket
import struct

API_VERSIONS = 18
METADATA = 3


def ask(port, api, version, body=b""):
    """The answer without its length and correlation id; None where none comes."""
    request = struct.pack(">hhih", api, version, 7, -1) + body
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            length, correlation = struct.unpack(">ii", connection.recv(8, socket.MSG_WAITALL))
            return connection.recv(length - 4, socket.MSG_WAITALL) if correlation == 7 else None
    except (OSError, struct.error):
        return None


def serves(port):
    """Whether the broker answers requests: it binds its port long before."""
    return ask(port, API_VERSIONS, 0) is not None


def live_brokers(port):
    """How many brokers the one at `port` knows to be alive."""
    answer = ask(port, METADATA, 1, struct.pack(">i", 0))
    return struct.unpack(">i", answer[:4])[0] if answer else 0
