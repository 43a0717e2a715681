#ifndef ROSTER_TESTS_CHAOS_CHECKER_H_
#define ROSTER_TESTS_CHAOS_CHECKER_H_

#include <string>
#include <vector>

#include "tests/chaos/run.h"
#include "tests/support/history.h"

namespace roster::test::chaos {

// Everything in which a run breaks Roster's promises, one sentence each, at most 20; empty where it keeps them all.
// What is checked is said beside each check: CheckLog (tests/support/history.h), CheckCommands, CheckReads,
// CheckWatches; besides, at the end every read model, and every write model as far as it has come, equals a fresh fold
// of the log, and so does a fold of the log after compaction.
std::vector<std::string> CheckRun(const RunRecord& run);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_CHECKER_H_
