#!/usr/bin/env python3
"""Reads every #include and fails where a room includes another that it may not.

What is allowed stands in one place, the table "Room | May include" of ARCHITECTURE.md. Checked as well: that our own headers
are included from the repository's root (so that a line shows its room), that each folder with sources is in the table, and
that librdkafka is used by the kafka adapter, by tests that play an outsider, and by ceilings of the benchmarks, only.
"""
import pathlib
import re
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
# Generated from proto/, which holds all definitions that are not a library's own.
GENERATED = re.compile(r"^(roster|google/rpc|grpc/reflection|grpc/health)/.*\.pb\.h$")
KAFKA_ADAPTER = "event-log/kafka/"


def allowed_arrows(architecture):
    """{room: set of rooms} from the table of ARCHITECTURE.md; {"*"} where a room may include all."""
    table = re.search(r"^\| Room \| May include \|\n\|[-| ]+\|\n((?:\|.*\n)+)", architecture, re.MULTILINE)
    if not table:
        raise ValueError('ARCHITECTURE.md has no table "| Room | May include |"')
    arrows = {}
    for line in table.group(1).splitlines():
        rooms, may_include = [cell.strip() for cell in line.strip("|").split("|")]
        targets = {"*"} if may_include == "all" else set(re.findall(r"`([\w/-]+)`", may_include))
        for room in re.findall(r"`([\w/-]+)`", rooms):
            arrows[room] = targets
    return arrows


def room_of(path, arrows):
    """The innermost room with a line in the table that a file stands in: a folder within a room may be a room of its own."""
    folders = path.split("/")[:-1]
    for depth in range(len(folders), 0, -1):
        if "/".join(folders[:depth]) in arrows:
            return "/".join(folders[:depth])
    return None


def room_of_include(path, arrows):
    """The room that an include leads to; None where it is a library's."""
    if GENERATED.match(path):
        return "proto"
    return room_of(path, arrows)


def violations(root, files, arrows):
    """A sentence for each include that is not allowed."""
    found = []
    for file in files:
        room = room_of(file, arrows)
        if room is None:
            found.append(f"{file}: its folder is not in ARCHITECTURE.md's table")
            continue
        for number, line in enumerate((root / file).read_text(errors="replace").splitlines(), 1):
            include = INCLUDE.match(line)
            if include:
                found += [f"{file}:{number}: {reason}"
                          for reason in wrong_with(file, room, include.group(1), include.group(2), arrows, root)]
    return found


def wrong_with(file, room, bracket, path, arrows, root):
    if path.startswith("librdkafka/") and not file.startswith((KAFKA_ADAPTER, "bench/ceilings/", "tests/")):
        yield f"only {KAFKA_ADAPTER} may include {path}"
    if "/" not in path or path.startswith("."):
        if bracket == '"' and (root / file).parent.joinpath(path).exists():
            yield f'write "{path}" from the repository\'s root'
        return
    # What a room keeps for tests serves the tests of all.
    if path.endswith("_for_test.h") and file.endswith(("_test.cc", "_for_test.h")):
        return
    target = room_of_include(path, arrows)
    if target is None or target == room or arrows[room] == {"*"} or target in arrows[room]:
        return
    yield f"{room}/ may not include {target}/ ({path})"


def sources(root):
    skipped = {"build", "var", ".git", ".cache", "node_modules"}
    return sorted(str(path.relative_to(root))
                  for pattern in ("*.h", "*.cc") for path in root.rglob(pattern)
                  if not skipped.intersection(path.relative_to(root).parts))


class RoomsTest(unittest.TestCase):
    def setUp(self):
        self.arrows = allowed_arrows((REPOSITORY / "ARCHITECTURE.md").read_text())

    def test_every_include_follows_an_allowed_arrow(self):
        files = sources(REPOSITORY)
        self.assertGreater(len(files), 50, "the sources were not found")
        self.assertEqual([], violations(REPOSITORY, files, self.arrows))

    def test_arrows_have_no_cycle(self):
        def reachable(room, seen):
            for target in self.arrows[room] - {"*"}:
                if target not in seen:
                    reachable(target, seen | {target})
                    self.assertNotIn(room, self.arrows[target], f"{room} and {target} include each other")
                self.assertIn(target, self.arrows, f"{room} may include {target}, which has no line of its own")
        for room in self.arrows:
            self.assertNotIn(room, self.arrows[room])
            reachable(room, {room})

    def check_one(self, file, line):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, file)
            path.parent.mkdir(parents=True)
            path.with_name("beside.h").write_text("")
            path.write_text(line + "\n")
            return violations(pathlib.Path(folder), [file], self.arrows)

    def test_forbidden_arrow_is_found(self):
        for file, line in (("query-service/a.cc", '#include "event-log/event_log.h"'),
                           ("query-service/a.cc", '#include "user-event/sort_record.h"'),
                           ("base/a.h", '#include "roster/v1/user.pb.h"'),
                           ("command-service/a.cc", '#  include "read-model/writer.h"'),
                           ("projector/a.cc", "#include <librdkafka/rdkafka.h>"),
                           ("event-log/a.cc", '#include "beside.h"'),
                           ("event-log/a.cc", '#include "user-event/sort_record.h"'),
                           ("event-log/a.cc", '#include "event-log/tool/copier.h"'),
                           ("new-room/a.cc", "#include <string>")):
            self.assertEqual(1, len(self.check_one(file, line)), f"{file}: {line}")

    def test_allowed_arrow_passes(self):
        for file, line in (("query-service/a.cc", '#include "read-model/folder.h"'),
                           ("query-service/a.cc", '#include "roster/v1/user_query_service.grpc.pb.h"'),
                           ("event-log/kafka/a.cc", "#include <librdkafka/rdkafka.h>"),
                           ("event-log/tool/a.cc", '#include "user-event/sort_record.h"'),
                           ("event-log/tool/a.cc", '#include "event-log/embedded/embedded_log.h"'),
                           ("base/a.h", '#include "absl/status/status.h"'),
                           ("tests/a.cc", '#include "projector/applier.h"')):
            self.assertEqual([], self.check_one(file, line))


if __name__ == "__main__":
    sys.exit(unittest.main())
