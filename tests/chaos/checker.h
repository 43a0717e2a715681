#ifndef ROSTER_TESTS_CHAOS_CHECKER_H_
#define ROSTER_TESTS_CHAOS_CHECKER_H_

#include <string>
#include <vector>

#include "tests/chaos/run.h"
#include "tests/support/history.h"

namespace roster::test::chaos {

// Everything in which a run breaks Roster's promises, one sentence each, at most 20; empty where it keeps them all. What
// is checked is said beside each check: CheckLog (tests/support/history.h), CheckCommands, CheckReads, CheckWatches;
// besides, every read model at the end equals a fresh fold of the log, and so does a fold of the log after compaction.
//
// `events`: all of the log, in the order of their sequence.
std::vector<std::string> CheckRun(const RunRecord& run, const std::vector<LoggedEvent>& events, const std::string& log_id);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_CHECKER_H_
