#ifndef ROSTER_TESTS_CHAOS_SUMMARY_H_
#define ROSTER_TESTS_CHAOS_SUMMARY_H_

#include <string>

#include "tests/chaos/run.h"

namespace roster::test::chaos {

// What happened in a run, for people, in Markdown: how many calls of each kind ended how, and for each kind of
// disturbance how often it came and the longest times without an answer to a command, and to a read, from its beginning
// until ten seconds after its end. Since disturbances overlap, such a time may be another one's. At the end the longest
// times without an answer to a command, in seconds from the first answer.
std::string Summarize(const RunRecord& run);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_SUMMARY_H_
