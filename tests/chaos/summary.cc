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
constexpr int64_t kNoticedUs = 1'000'000;
constexpr size_t kGapsTold = 10;

double Seconds(int64_t us) { return static_cast<double>(us) / 1e6; }

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
  return Seconds(longest);
}

struct Gap {
  int64_t from, until;
};

// Between answers that follow one another, longest first; one that no answer ended is not among them.
std::vector<Gap> LongestFirst(const std::vector<int64_t>& times) {
  std::vector<Gap> gaps;
  for (size_t i = 1; i < times.size(); ++i) gaps.push_back({times[i - 1], times[i]});
  std::stable_sort(gaps.begin(), gaps.end(),
                   [](const Gap& a, const Gap& b) { return a.until - a.from > b.until - b.from; });
  return gaps;
}

// How much of the run commands were answered in, and the longest times in which they were not, with what went on.
std::string DescribeCommandGaps(const RunRecord& run, const std::vector<int64_t>& answers) {
  if (answers.size() < 2) return "";
  const int64_t start = answers.front();
  const std::vector<Gap> gaps = LongestFirst(answers);
  int64_t silent = 0;
  for (const Gap& gap : gaps) silent += gap.until - gap.from > kNoticedUs ? gap.until - gap.from : 0;
  std::string text =
      absl::StrFormat("\nNo command was answered in %.0f of %.0f s (gaps of over a second). The longest:\n\n",
                      Seconds(silent), Seconds(answers.back() - start));
  text += "| From (s) | For (s) | Meanwhile |\n|---|---|---|\n";
  for (size_t i = 0; i < std::min(gaps.size(), kGapsTold); ++i) {
    absl::StrAppendFormat(&text, "| %.1f | %.1f |", Seconds(gaps[i].from - start),
                          Seconds(gaps[i].until - gaps[i].from));
    const char* separator = " ";
    for (const Disturbance& each : run.disturbances) {
      if (each.began_us() > gaps[i].until || each.ended_us() < gaps[i].from) continue;
      absl::StrAppend(&text, separator, each.name());
      separator = ", ";
    }
    text += " |\n";
  }
  return text;
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
  return text + DescribeCommandGaps(run, commands);
}

}  // namespace roster::test::chaos
