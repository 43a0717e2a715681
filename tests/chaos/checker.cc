#include "tests/chaos/checker.h"

#include <map>

#include "tests/chaos/check_commands.h"
#include "tests/chaos/check_reads.h"
#include "tests/chaos/log_index.h"
#include "tests/support/faults.h"

namespace roster::test::chaos {
namespace {

// What compaction leaves of a log: the last record of each key.
std::vector<LoggedEvent> Compacted(const std::vector<LoggedEvent>& events) {
  std::map<std::string, int64_t> last;
  for (const LoggedEvent& logged : events) {
    int64_t& offset = last.try_emplace(logged.event.user_id(), -1).first->second;
    offset = std::max(offset, logged.location.offset);
  }
  std::vector<LoggedEvent> left;
  for (const LoggedEvent& logged : events) {
    if (last[logged.event.user_id()] == logged.location.offset) left.push_back(logged);
  }
  return left;
}

}  // namespace

std::vector<std::string> CheckRun(const RunRecord& run, const std::vector<LoggedEvent>& events, const std::string& log_id) {
  Faults faults;
  faults.AddAll(CheckLog(events, History()));
  const LogIndex log(events, log_id);
  CheckCommands(run.calls, log, faults);
  CheckReads(run.calls, log, faults);
  const std::map<std::string, v1::User> fold = FoldUsers(events);
  CheckWatches(run.watch_messages, fold, log, faults);
  for (const FinalReadModel& read_model : run.final_read_models) {
    std::map<std::string, v1::User> users;
    for (const v1::User& user : read_model.users()) users[user.user_id()] = user;
    for (const std::string& difference : CompareUsers(users, fold)) faults.Add(read_model.name(), ": ", difference);
  }
  for (const std::string& difference : CompareUsers(FoldUsers(Compacted(events)), fold))
    faults.Add("the log after compaction: ", difference);
  return faults.Take();
}

}  // namespace roster::test::chaos
