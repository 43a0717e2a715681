#ifndef ROSTER_TESTS_CHAOS_CHECK_COMMANDS_H_
#define ROSTER_TESTS_CHAOS_CHECK_COMMANDS_H_

#include <vector>

#include "tests/chaos/log_index.h"
#include "tests/chaos/run.pb.h"
#include "tests/support/faults.h"

namespace roster::test::chaos {

// Checks that the answers to all commands are those of one service that decides one command after another, in the order
// of the log, each between its call's start and its end (linearizability).
//
// The log gives the order of the writes, so, unlike where an order has to be searched for, the check is exact and takes
// n log n steps: going through starts and ends in the order of time, each call is placed at the earliest point of the
// log at which its answer is right and which is not before the point of any call that ended before it began. Earliest
// is always the best choice, since a later point only takes room from the calls after it. (Gibbons and Korach, "Testing
// shared memories", 1997, call this the case where the write order is known.)
//
// - A refusal is placed where a decision on the log's state gives just that refusal.
// - An accepted command is placed at its event, or, where it repeats a request, anywhere from there on. The event must
//   hold what was asked for, stand after all that had ended before the first call with its request_id, and be right to
//   accept on the state before it.
// - A command that got no answer, or one that says nothing of its outcome, may be on the log or not.
void CheckCommands(const std::vector<Call>& calls, const LogIndex& log, Faults& faults);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_CHECK_COMMANDS_H_
