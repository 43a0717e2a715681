#!/usr/bin/env python3
"""A real Prometheus scrapes the three real servers: every query of dashboard and alerts finds what it should, and the alert
for a read model that falls behind fires while the projector stands still, and clears when it goes on."""
import json
import pathlib
import re
import shutil
import signal
import socket
import sys
import unittest
import urllib.parse
import urllib.request

from deployment import DEADLINE_S, Deployment, wait_for

DEPLOY = pathlib.Path(__file__).resolve().parent.parent.parent / "deploy"
PROMETHEUS = shutil.which("prometheus") or "/usr/bin/prometheus"
ALERT = "RosterReadModelStale"
SCRAPE = "250ms"
# For queries over a time: a few scrapes.
WINDOW = "10s"


def free_port():
    # Prometheus does not tell a port that it has chosen. Taken between here and there, it would end with an error.
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def impatient(rules):
    """The alerts with the alert under test firing after seconds."""
    changed, count = re.subn(rf"(alert: {ALERT}\n(?:.*\n)*?\s+expr: .*) > 60\n\s+for: 1m\n", r"\1 > 3\n", rules)
    if count != 1:
        raise AssertionError(f"{ALERT} is not what this test knows")
    return changed


class PrometheusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.deployment = Deployment()
        cls.addClassCleanup(cls.deployment.close)
        cls.deployment.start_all(projector_flags=["--fresh-interval-ms=200"])
        cls.use_roster()
        # A call that stays open.
        cls.deployment.start("watch", *cls.deployment.rosterctl_command(), "watch")
        cls.start_prometheus()

    @classmethod
    def use_roster(cls):
        rosterctl = cls.deployment.rosterctl
        cls.users = getattr(cls, "users", 0) + 1
        rosterctl("signup", f"--email=user-{cls.users}@example.com", f"--id=user-{cls.users}")
        # A conflict, for there to be an error and a batch without an event.
        rosterctl("signup", "--email=user-1@example.com", codes=(4,))
        rosterctl("get", "user-1")
        rosterctl("list")

    @classmethod
    def start_prometheus(cls):
        folder = cls.deployment.folder
        (folder / "rules.yml").write_text(impatient((DEPLOY / "prometheus/roster.rules.yml").read_text()))
        scrapes = [{"job_name": f"roster-{name}", "static_configs": [{"targets": [cls.deployment.metrics_address(name)]}]}
                   for name in ("command-service", "projector", "query-service")]
        # JSON is YAML.
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": SCRAPE},
            "rule_files": ["rules.yml"], "scrape_configs": scrapes}))
        cls.address = f"127.0.0.1:{free_port()}"
        cls.prometheus = cls.deployment.start(
            "prometheus", PROMETHEUS, f"--config.file={folder / 'prometheus.yml'}", f"--web.listen-address={cls.address}",
            f"--storage.tsdb.path={folder / 'prometheus'}", "--log.level=warn")
        wait_for("every target is up", lambda: cls.value("sum(up)") == 3)

    @classmethod
    def get(cls, path, **parameters):
        """The answer's data; None while Prometheus is not there yet."""
        if cls.prometheus.process.poll() is not None:
            raise AssertionError(f"Prometheus has ended:\n{cls.prometheus.log()}")
        url = f"http://{cls.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE_S) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error
        except urllib.error.URLError:
            return None

    @classmethod
    def query(cls, expression):
        answer = cls.get("query", query=expression)
        return [] if answer is None else answer["result"]

    @classmethod
    def value(cls, expression):
        result = cls.query(expression)
        return float(result[0]["value"][1]) if result else None

    def alert_states(self):
        return {alert["labels"]["alertname"]: alert["state"] for alert in self.get("alerts")["alerts"]}

    def test_every_query_of_the_dashboard_finds_something(self):
        dashboard = json.loads((DEPLOY / "grafana/roster.json").read_text())
        expressions = {target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])}
        self.assertGreater(len(expressions), 40)
        for expression in sorted(expressions):
            with self.subTest(expression):
                query = expression.replace("$__rate_interval", WINDOW)
                self.assertNotIn("$", query)
                # Rates need something to have happened within their time.
                def found():
                    if not self.query(query):
                        self.use_roster()
                        return False
                    return True
                wait_for(expression, found)

    def test_every_alert_is_evaluated_and_knows_its_metrics(self):
        groups = wait_for("evaluations", self.evaluated_groups)
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertGreater(len(rules), 10)
        exported = set(self.get("label/__name__/values"))
        for rule in rules:
            with self.subTest(rule["name"]):
                self.assertEqual("ok", rule["health"], rule.get("lastError"))
                metrics = set(re.findall(r"\b(?:roster|process)_\w+", rule["query"]))
                self.assertEqual(set(), metrics - exported)

    def evaluated_groups(self):
        groups = self.get("rules")["groups"]
        return groups if all(rule["health"] != "unknown" for group in groups for rule in group["rules"]) else None

    def test_alert_fires_while_the_projector_stands_still(self):
        wait_for("no lag at first", lambda: ALERT not in self.alert_states())
        projector = self.deployment.processes["projector"]
        projector.signal(signal.SIGSTOP)
        wait_for("the alert fires", lambda: self.alert_states().get(ALERT) == "firing")
        # What stands still cannot tell of it: its own metrics are gone.
        wait_for("it is not scraped", lambda: self.value('up{job="roster-projector"}') == 0)
        self.assertEqual([], self.query("roster_projector_lag_seconds"))
        projector.signal(signal.SIGCONT)
        wait_for("the alert clears", lambda: ALERT not in self.alert_states())
        wait_for("it is scraped", lambda: self.value('up{job="roster-projector"}') == 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
