#!/usr/bin/env python3
"""The form and the level of the logs, as operators set them: all three programs alike."""
import signal
import sys
import unittest

from deployment import Deployment, wait_for

SERVERS = ("command-service", "projector", "query-service")


class LogSettingsTest(unittest.TestCase):
    def setUp(self):
        self.deployment = Deployment()
        self.addCleanup(self.deployment.close)

    def start(self, name, *flags):
        folder = self.deployment.folder
        own = {"command-service": ["--listen=127.0.0.1:0", f"--write-model={folder / 'write-model.db'}",
                                   f"--log=embedded:{folder / 'log.db'}"],
               "projector": [f"--read-model={folder / 'read-model'}", f"--log=embedded:{folder / 'log.db'}"],
               "query-service": ["--listen=127.0.0.1:0", f"--read-model={folder / 'read-model'}"]}
        return self.deployment.start_server(name, *own[name], *flags)

    def test_hangup_reads_the_file_again(self):
        for name in SERVERS:
            with self.subTest(name):
                file = self.deployment.folder / f"{name}.toml"
                file.write_text('log-level = "info"\n')
                process = self.start(name, f"--config={file}")
                process.wait_for_line("showing metrics")
                file.write_text('log-level = "debug"\n')
                self.hang_up(process, "settings read again")
                line = process.log_lines("SIGHUP: settings read again")[0]
                self.assertEqual("debug", line["log_level"])
                self.assertEqual("", line["needs_restart"])

                file.write_text('log-level = "loud"\n')
                self.hang_up(process, "nothing changed")
                file.write_text('log-level = "info"\nlog-format = "text"\nmetrics-address = "127.0.0.1:1"\n')
                self.hang_up(process, 'needs_restart="metrics-address"')
                process.signal(signal.SIGTERM)
                self.assertEqual(0, process.process.wait(timeout=60))
                self.assertRegex(process.log(), rf"Z info roster-{name}: stopp")

    def hang_up(self, process, text):
        process.signal(signal.SIGHUP)
        wait_for(text, lambda: text in process.log())
        self.assertIsNone(process.process.poll(), process.log())

    def test_text_is_for_people(self):
        for name in SERVERS:
            with self.subTest(name):
                process = self.start(name, "--log-format=text")
                pattern = rf'\d{{4}}-\d\d-\d\dT[\d:.]+Z info roster-{name}: showing metrics address="127\.0\.0\.1:\d+"\n'
                wait_for("a line of text", lambda: "showing metrics" in process.log())
                self.assertRegex(process.log(), pattern)
                self.assertNotIn("{", process.log())


if __name__ == "__main__":
    sys.exit(unittest.main())
