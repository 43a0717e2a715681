#include "tests/chaos/checker.h"

#include <algorithm>
#include <map>

#include "base/consistency_token.h"
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

std::vector<LoggedEvent> Before(const Position& position, const std::vector<LoggedEvent>& events) {
  std::vector<LoggedEvent> before;
  for (const LoggedEvent& logged : events) {
    if (logged.location.offset < position.next_offsets[logged.location.partition]) before.push_back(logged);
  }
  return before;
}

template <typename Model>
void CompareModel(const Model& model, const std::map<std::string, v1::User>& fold, Faults& faults) {
  std::map<std::string, v1::User> users;
  for (const v1::User& user : model.users()) users[user.user_id()] = user;
  for (const std::string& difference : CompareUsers(users, fold)) faults.Add(model.name(), ": ", difference);
}

}  // namespace

std::vector<std::string> CheckRun(const RunRecord& run) {
  Faults faults;
  faults.AddAll(CheckLog(run.events, History()));
  const LogIndex log(run.events, run.log_id);
  CheckCommands(run.calls, log, faults);
  CheckReads(run.calls, log, faults);
  const std::map<std::string, v1::User> fold = FoldUsers(run.events);
  CheckWatches(run.watch_messages, fold, log, faults);
  for (const FinalReadModel& read_model : run.final_read_models) CompareModel(read_model, fold, faults);
  for (const FinalWriteModel& write_model : run.final_write_models) {
    const auto position = DecodeConsistencyToken(write_model.consistency_token());
    if (!position.ok() || position->log_id != run.log_id) {
      faults.Add(write_model.name(), ": is of another log");
    } else {
      CompareModel(write_model, FoldUsers(Before(*position, run.events)), faults);
    }
  }
  for (const std::string& difference : CompareUsers(FoldUsers(Compacted(run.events)), fold))
    faults.Add("the log after compaction: ", difference);
  return faults.Take();
}

}  // namespace roster::test::chaos
