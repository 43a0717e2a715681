#ifndef ROSTER_TESTS_CHAOS_CHECK_READS_H_
#define ROSTER_TESTS_CHAOS_CHECK_READS_H_

#include <map>
#include <string>
#include <vector>

#include "roster/v1/user.pb.h"
#include "tests/chaos/log_index.h"
#include "tests/chaos/run.pb.h"
#include "tests/support/faults.h"

namespace roster::test::chaos {

// Checks every answer of the query services against the log. An answer comes with the position that it was read at, so
// it is compared with just that state:
//
// - A user, found by id or by address, is as the log has it at that position, which has reached `read_after`.
// - A user who is said not to be there was not there at some position from `read_after` on.
// - Each row of a page is right at the page's position; pages never go back; no user comes twice; a user who matched at
//   every position from the first page's to the last page's is listed.
void CheckReads(const std::vector<Call>& calls, const LogIndex& log, Faults& faults);

// Checks watches: each message is a state that the user had, never an older one than an earlier message's, and the last
// message of each user is the user's last state, for all users of the log.
void CheckWatches(const std::vector<WatchMessage>& messages, const std::map<std::string, v1::User>& fold,
                  const LogIndex& log, Faults& faults);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_CHECK_READS_H_
