"""What goes wrong, said to people."""
import shutil
import sys


class BrokerError(Exception):
    pass


def say(text):
    print(f"kafka-broker: {text}", file=sys.stderr, flush=True)


def require(program, package):
    if shutil.which(program) is None:
        raise BrokerError(f"{program} is missing; install it with: apt-get install {package}")
