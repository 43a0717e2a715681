#!/usr/bin/env python3
"""Installs this build into a temporary prefix, and uses it from there as others do.

  install_test.py BUILD    BUILD: the folder of the build, build/release for instance
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def run(*command, environment=None):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=environment)
    return done.returncode, done.stdout


class InstallTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.prefix = pathlib.Path(cls.folder.name, "prefix")
        for component in ("server", "cli", "client"):
            cls.succeed("cmake", "--install", cls.build, "--prefix", cls.prefix, "--component", component)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def succeed(cls, *command):
        code, output = run(*command)
        if code != 0:
            raise AssertionError(f"{command} ended with {code}:\n{output}")
        return output

    def test_every_program_tells_one_version_of_this_project(self):
        programs = sorted(path.name for path in (self.prefix / "bin").iterdir())
        self.assertEqual(["roster-command-service", "roster-log", "roster-projector", "roster-query-service", "rosterctl"], programs)
        versions = {self.succeed(self.prefix / "bin" / program, "--version").strip() for program in programs}
        self.assertEqual(1, len(versions), versions)
        self.assertRegex(versions.pop(), r"^\d+\.\d+\.\d+(\+g[0-9a-f]{12}(\.dirty)?)?$")

    def test_man_pages_show_every_flag_of_help(self):
        for program, section in (("roster-command-service", 8), ("roster-projector", 8), ("roster-query-service", 8),
                                 ("rosterctl", 1), ("roster-log", 1)):
            page = self.prefix / "share" / "man" / f"man{section}" / f"{program}.{section}.gz"
            shown = self.succeed("gzip", "-dc", page).replace("\\-", "-")
            helped = self.succeed(self.prefix / "bin" / program, "--help")
            flags = {line.split()[0] for line in helped.splitlines() if line.startswith("  --")}
            self.assertGreater(len(flags), 1)
            for flag in flags:
                self.assertIn(flag, shown, program)

    def test_completion_is_the_one_that_rosterctl_prints(self):
        for shell, path in (("bash", "bash-completion/completions/rosterctl"), ("zsh", "zsh/vendor-completions/_rosterctl"),
                            ("fish", "fish/vendor_completions.d/rosterctl.fish")):
            printed = self.succeed(self.prefix / "bin" / "rosterctl", "completion", shell)
            self.assertEqual(printed, (self.prefix / "share" / path).read_text())

    def test_project_with_find_package_builds_and_signs_a_user_up(self):
        build = pathlib.Path(self.folder.name, "build")
        # Not the compiler's full run: that Roster's headers and library are found and fit is what counts here.
        self.succeed("cmake", "-G", "Ninja", "-S", HERE / "consumer", "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
                     "-DCMAKE_CXX_FLAGS=-O0")
        self.succeed("cmake", "--build", build)
        data = pathlib.Path(self.folder.name)
        service = subprocess.Popen(
            [self.prefix / "bin" / "roster-command-service", "--listen=127.0.0.1:0", f"--log=embedded:{data}/log.db",
             f"--write-model={data}/write-model.db"], stderr=subprocess.PIPE, text=True)
        try:
            address = None
            for line in service.stderr:
                entry = json.loads(line)
                if entry["message"] == "listening":
                    address = entry["address"]
                    break
            self.assertIsNotNone(address, "the command service ended")
            self.assertEqual("signed up ann, version 1\n", self.succeed(build / "consumer", address, "ann"))
            self.assertEqual((1, "EMAIL_TAKEN\n"), run(build / "consumer", address, "bea"))
        finally:
            service.terminate()
            # Read to its end, or the service could wait for room in the pipe.
            service.stderr.read()
            service.stderr.close()
            self.assertEqual(0, service.wait())


if __name__ == "__main__":
    InstallTest.build = pathlib.Path(sys.argv.pop(1)).resolve()
    # Settings of the caller's must not reach the programs.
    for name in [name for name in os.environ if name.startswith("ROSTER_")]:
        del os.environ[name]
    unittest.main()
