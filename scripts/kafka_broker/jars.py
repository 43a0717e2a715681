"""The broker's jars, from Maven Central, one folder in the cache for each version."""
import contextlib
import fcntl
import os
import pathlib
import subprocess
import tempfile

from kafka_broker.errors import BrokerError, require, say

DEFAULT_VERSION = "4.1.0"
# Small, quick to start; 128m is too little.
JVM_FLAGS = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>roster</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>{version}</version></dependency>
{logging}  </dependencies>
</project>
"""

# Kafka 3 brings its own (reload4j).
LOG4J2 = ("    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId>"
          "<version>2.24.3</version></dependency>\n")


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(os.environ.get("ROSTER_CACHE_DIR") or os.path.join(base, "roster"))


@contextlib.contextmanager
def locked(path):
    """Holds a lock file. Python opens it close-on-exec, so no broker inherits it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def jars(version):
    """The folder with a version's jars; downloads them first where it is not there."""
    folder = cache_dir() / f"kafka-{version}"
    if folder.is_dir():
        return folder
    require("mvn", "maven")
    with locked(cache_dir() / "kafka.lock"):
        if folder.is_dir():
            return folder
        say(f"downloading Kafka {version} (once) to {folder}")
        with tempfile.TemporaryDirectory(dir=cache_dir(), prefix="kafka-download-") as work:
            pathlib.Path(work, "pom.xml").write_text(
                POM.format(version=version, logging="" if version.startswith("3.") else LOG4J2))
            command = ["mvn", "-B", "-q", "-f", f"{work}/pom.xml", "dependency:copy-dependencies",
                       f"-DoutputDirectory={work}/jars", "-DincludeScope=runtime"]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                raise BrokerError("Maven could not fetch the jars:\n" + done.stdout.decode(errors="replace")[-4000:])
            os.rename(f"{work}/jars", folder)  # whole, or not at all
    return folder


def java(version, main_class, *arguments, flags=()):
    return ["java", *JVM_FLAGS, *flags, "-cp", f"{jars(version)}/*", main_class, *arguments]
