#include "tests/chaos/summary.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "grpcpp/support/status_code_enum.h"
#include "tests/chaos/command_view.h"

namespace roster::test::chaos {
namespace {

constexpr int64_t kAftermathUs = 10'000'000;

std::string OperationOf(const Call& call) {
  switch (call.operation_case()) {
    case Call::kSignUp:
      return "SignUpUser";
    case Call::kUpdate:
      return "UpdateUser";
    case Call::kDelete:
      return "DeleteUser";
    case Call::kGet:
      return "GetUser";
    case Call::kList:
      return "ListUsers";
    case Call::OPERATION_NOT_SET:
      break;
  }
  return "";
}

std::string OutcomeOf(const Call& call) {
  if (!call.has_ended_us()) return "unanswered";
  if (call.code() == grpc::StatusCode::OK) return "OK";
  return call.reason().empty() ? absl::StrCat("code ", call.code()) : call.reason();
}

// When a service said something definite: an answer, or a refusal.
std::vector<int64_t> AnswerTimes(const RunRecord& run, bool commands) {
  std::vector<int64_t> times;
  for (const Call& call : run.calls) {
    const auto command = ViewCommand(call);
    if (command.has_value() != commands || !call.has_ended_us()) continue;
    const bool definite = commands ? command->outcome != Outcome::kUnknown
                                   : call.code() == grpc::StatusCode::OK || call.reason() == "USER_NOT_FOUND";
    if (definite) times.push_back(call.ended_us());
  }
  std::sort(times.begin(), times.end());
  return times;
}

// The longest time between two answers, in seconds, of those that overlap the time from `from` to `until`.
double LongestGap(const std::vector<int64_t>& times, int64_t from, int64_t until) {
  auto next = std::lower_bound(times.begin(), times.end(), from);
  int64_t last = from;
  int64_t longest = 0;
  for (; next != times.end() && last < until; ++next) {
    longest = std::max(longest, *next - last);
    last = *next;
  }
  return static_cast<double>(longest) / 1e6;
}

struct Gaps {
  std::vector<double> commands, reads;
};

std::string MedianAndWorst(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return absl::StrFormat("%.1f, %.1f", values[values.size() / 2], values.back());
}

}  // namespace

std::string Summarize(const RunRecord& run) {
  std::map<std::string, std::map<std::string, int>> outcomes;
  for (const Call& call : run.calls) ++outcomes[OperationOf(call)][OutcomeOf(call)];
  std::string text = absl::StrCat(run.calls.size(), " calls, ", run.events.size(), " events, ",
                                  run.watch_messages.size(), " messages to watches, ", run.disturbances.size(),
                                  " disturbances.\n\n| Call | How they ended |\n|---|---|\n");
  for (const auto& [operation, counts] : outcomes) {
    absl::StrAppend(&text, "| ", operation, " |");
    const char* separator = " ";
    for (const auto& [outcome, count] : counts) {
      absl::StrAppend(&text, separator, count, " ", outcome);
      separator = ", ";
    }
    text += " |\n";
  }
  const std::vector<int64_t> commands = AnswerTimes(run, true), reads = AnswerTimes(run, false);
  std::map<std::string, Gaps> gaps;
  for (const Disturbance& disturbance : run.disturbances) {
    const int64_t until = disturbance.ended_us() + kAftermathUs;
    Gaps& of_kind = gaps[disturbance.name()];
    of_kind.commands.push_back(LongestGap(commands, disturbance.began_us(), until));
    of_kind.reads.push_back(LongestGap(reads, disturbance.began_us(), until));
  }
  text += "\n| Disturbance | Times | No command answered for (s; median, worst) | No read answered for (s) |\n";
  text += "|---|---|---|---|\n";
  for (const auto& [name, of_kind] : gaps) {
    absl::StrAppend(&text, "| ", name, " | ", of_kind.commands.size(), " | ", MedianAndWorst(of_kind.commands), " | ",
                    MedianAndWorst(of_kind.reads), " |\n");
  }
  return text;
}

}  // namespace roster::test::chaos
