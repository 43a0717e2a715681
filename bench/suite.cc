#include "bench/suite.h"

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
};

bool Selected(const Settings& settings, const char* name) {
  return absl::StrContains(absl::AsciiStrToLower(name), absl::AsciiStrToLower(settings.only));
}

}  // namespace

absl::Status RunSuite(Stage& stage) {
  bool any = false;
  for (const Entry& entry : kSuite) {
    if (!Selected(stage.settings(), entry.name)) continue;
    any = true;
    ROSTER_RETURN_IF_ERROR(entry.measure(stage));
  }
  if (any) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("no figure is called '", stage.settings().only, "': ", absl::StrJoin(FigureNames(), ", ")));
}

std::vector<std::string> FigureNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kSuite) names.emplace_back(entry.name);
  return names;
}

}  // namespace roster::bench
