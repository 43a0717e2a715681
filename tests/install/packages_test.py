#!/usr/bin/env python3
"""Makes the Debian packages of this build, and looks into them. ./dev packages 12 installs and uses them.

  packages_test.py BUILD    BUILD: the folder of the build, build/release for instance
"""
import configparser
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = {"roster-server": {"roster-command-service", "roster-projector", "roster-query-service"},
            "roster-cli": {"rosterctl", "roster-log"}, "libroster-dev": set()}


def output(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Unit(configparser.RawConfigParser):
    """A systemd unit; of a setting that stands there several times, the last."""

    def __init__(self, text):
        super().__init__(strict=False, interpolation=None, delimiters=["="])
        self.optionxform = str
        self.read_string(text)


class PackagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        # Not compressed: nobody keeps them.
        output("cpack", "--config", cls.build / "CPackConfig.cmake", "-B", cls.root, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=none")
        cls.packages = {deb.name.split("_")[0]: deb for deb in cls.root.glob("*.deb")}
        for name, deb in cls.packages.items():
            output("dpkg-deb", "--raw-extract", deb, cls.root / name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def field(self, package, name):
        return output("dpkg-deb", "--field", self.packages[package], name).strip()

    def test_each_package_has_its_programs(self):
        self.assertEqual(set(PROGRAMS), set(self.packages))
        for package, programs in PROGRAMS.items():
            folder = self.root / package / "usr" / "bin"
            self.assertEqual(programs, {path.name for path in folder.iterdir()} if folder.exists() else set())

    def test_packages_depend_on_the_libraries_they_link(self):
        for package in ("roster-server", "roster-cli"):
            depends = self.field(package, "Depends")
            for library in ("librdkafka1 (>= 2.6.1)", "libgrpc++", "libprotobuf", "libsqlite3", "libc6"):
                self.assertIn(library, depends)

    def test_units_start_what_is_packaged_with_configuration_that_is_kept(self):
        conffiles = (self.root / "roster-server" / "DEBIAN" / "conffiles").read_text().split()
        for service in ("command-service", "projector", "query-service"):
            [path] = self.root.glob(f"roster-server/**/systemd/system/roster-{service}.service")
            unit = Unit(path.read_text())
            program, flag, config = unit["Service"]["ExecStart"].split()
            self.assertTrue((self.root / "roster-server" / program.lstrip("/")).exists(), program)
            self.assertEqual("--config", flag)
            self.assertIn(config, conffiles)
            self.assertTrue((self.root / "roster-server" / config.lstrip("/")).exists(), config)
            self.assertEqual("roster", unit["Service"]["User"])
            self.assertEqual("yes", unit["Service"]["NoNewPrivileges"])
            self.assertEqual("strict", unit["Service"]["ProtectSystem"])

    def test_programs_take_the_configuration_as_it_comes(self):
        server = self.root / "roster-server"
        for service in ("command-service", "projector", "query-service"):
            # --help would end before the file is read; a flag that is none is told of only after it, by the program.
            config = server / "etc" / "roster" / f"{service}.conf"
            wrong = self.root / f"{service}.conf"
            wrong.write_text(config.read_text() + "no-such-setting = 1\n")
            done = subprocess.run([server / "usr" / "bin" / f"roster-{service}", "--config", wrong], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=60)
            self.assertEqual(2, done.returncode)
            self.assertIn("no-such-setting", done.stdout)


if __name__ == "__main__":
    PackagesTest.build = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
