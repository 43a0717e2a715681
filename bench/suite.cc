#include "bench/suite.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "bench/figures/figures.h"

namespace roster::bench {
namespace {

struct Entry {
  const char* name;
  absl::Status (*measure)(Stage&);
};

// While they are measured the read model holds the loaded users alone; then it rests, and leaves the machine to the
// commands.
constexpr Entry kSuite[] = {
    {"Load generator", MeasureLoadGenerator},
    {"ImportUsers", MeasureImportUsers},
    {"Projector sign-ups", MeasureProjectorSignUps},
    {"Rebuild", MeasureRebuild},
    {"Projector updates", MeasureProjectorUpdates},
    {"GetUser", MeasureGetUser},
    {"GetUser scheduled", MeasureScheduledGets},
    {"ListUsers", MeasureListUsers},
    {"Acknowledged to visible", MeasureVisible},
    {"WatchUsers", MeasureWatchUsers},
    {"Memory", MeasureMemory},
    {"Idle", MeasureIdle},
    {"SignUpUser", MeasureSignUpUser},
    {"SignUpUser scheduled", MeasureScheduledSignUps},
    {"600 callers", MeasureCallers},
    {"Restart", MeasureRestart},
    {"Hostile clients", MeasureHostileClients},
};

bool IsNamedBy(const std::string& text, const char* name) {
  return absl::StrContains(absl::AsciiStrToLower(name), absl::AsciiStrToLower(text));
}

bool IsSelected(const Settings& settings, const char* name) {
  const auto names_it = [&](const std::string& text) { return IsNamedBy(text, name); };
  return settings.only.empty() || std::any_of(settings.only.begin(), settings.only.end(), names_it);
}

absl::Status CheckNames(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const auto is_named = [&](const Entry& entry) { return IsNamedBy(text, entry.name); };
    if (std::any_of(std::begin(kSuite), std::end(kSuite), is_named)) continue;
    return absl::NotFoundError(absl::StrCat("no figure is called '", text, "': ", absl::StrJoin(FigureNames(), ", ")));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunSuite(Stage& stage) {
  ROSTER_RETURN_IF_ERROR(CheckNames(stage.settings().only));
  for (const Entry& entry : kSuite) {
    if (IsSelected(stage.settings(), entry.name)) ROSTER_RETURN_IF_ERROR(entry.measure(stage));
  }
  return absl::OkStatus();
}

std::vector<std::string> FigureNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kSuite) names.emplace_back(entry.name);
  return names;
}

}  // namespace roster::bench
