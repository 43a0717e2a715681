#!/usr/bin/env python3
"""docs/metrics.md lists what the three programs export, no more and no less: names, types and labels."""
import pathlib
import re
import sys
import unittest

from deployment import Deployment, wait_for

DOCUMENT = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<type>\w+) \| (?P<labels>[\w, ]*)\| \S", re.MULTILINE)
TYPE = re.compile(r"^# TYPE (\w+) (\w+)$", re.MULTILINE)
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="')


def documented(text):
    """{name: (type, labels)}"""
    return {row["name"]: (row["type"], frozenset(re.findall(r"\w+", row["labels"]))) for row in ROW.finditer(text)}


def exported(page):
    """The same of a scraped page."""
    types = dict(TYPE.findall(page))
    labels = {name: set() for name in types}
    for name, inside in SAMPLE.findall(page):
        metric = name if name in types else re.sub(r"_(bucket|sum|count)$", "", name)
        labels[metric].update(label for label in LABEL.findall(inside) if label not in ("le", "quantile"))
    return {name: (kind, frozenset(labels[name])) for name, kind in types.items()}


class MetricsDocTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.deployment = Deployment()
        cls.addClassCleanup(cls.deployment.close)
        cls.deployment.start_all()
        cls.deployment.rosterctl("signup", "--email=ann@example.com", "--id=ann")
        cls.deployment.rosterctl("get", "ann")
        wait_for("the projector's lag", lambda: "roster_projector_lag_seconds " in cls.deployment.scrape("projector"))
        cls.pages = {name: cls.deployment.scrape(name) for name in ("command-service", "projector", "query-service")}

    def test_document_and_programs_agree(self):
        found = {}
        for page in self.pages.values():
            for name, (kind, labels) in exported(page).items():
                before = found.get(name, (kind, frozenset()))
                self.assertEqual(before[0], kind, name)
                found[name] = (kind, before[1] | labels)
        wanted = documented(DOCUMENT.read_text())
        self.assertGreater(len(wanted), 30)
        self.assertEqual(sorted(wanted), sorted(found), "left: docs/metrics.md; right: the programs")
        for name, description in wanted.items():
            self.assertEqual(description, found[name], name)

    def test_what_all_programs_show_is_shown_by_all(self):
        everywhere = documented(DOCUMENT.read_text().split("## Calls")[0])
        self.assertGreater(len(everywhere), 5)
        for program, page in self.pages.items():
            self.assertEqual([], sorted(set(everywhere) - set(exported(page))), program)

    def test_numbers_are_those_of_what_was_done(self):
        self.assertIn('roster_rpc_calls_total{method="roster.v1.UserCommandService/SignUpUser",code="OK"} 1\n',
                      self.pages["command-service"])
        self.assertIn("\nroster_command_events_total 1\n", self.pages["command-service"])
        self.assertIn("\nroster_command_leader 1\n", self.pages["command-service"])
        # The genesis record is one.
        self.assertIn("\nroster_projector_records_total 2\n", self.pages["projector"])
        self.assertIn('\nroster_projector_next_offset{partition="0"} 2\n', self.pages["projector"])
        self.assertIn('\nroster_projector_lag_records{partition="0"} 0\n', self.pages["projector"])
        self.assertIn('roster_rpc_calls_total{method="roster.v1.UserQueryService/GetUser",code="OK"} 1\n',
                      self.pages["query-service"])
        self.assertIn('\nroster_read_model_users{status="active"} 1\n', self.pages["query-service"])
        self.assertIn("\nroster_read_model_open_dead_letters 0\n", self.pages["query-service"])

    def test_nobody_is_named(self):
        for program, page in self.pages.items():
            self.assertNotIn("example.com", page, program)
            self.assertNotIn('"ann"', page, program)

    def test_labels_have_few_values(self):
        for program, page in self.pages.items():
            self.assertLess(page.count("\n"), 1000, program)


if __name__ == "__main__":
    sys.exit(unittest.main())
