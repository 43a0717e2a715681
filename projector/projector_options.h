#ifndef ROSTER_PROJECTOR_PROJECTOR_OPTIONS_H_
#define ROSTER_PROJECTOR_PROJECTOR_OPTIONS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "event-log/open_event_log.h"
#include "metrics/exposer.h"
#include "projector/fold_options.h"

namespace roster::projector {

// All settings of the projector.
struct ProjectorOptions {
  event_log::LogOptions log;
  // Folder of the read model; made where it is not there.
  std::string read_model = "var/read-model";
  FoldOptions fold;
  metrics::MetricsOptions metrics;
};

// Declares the projector's flags, which write into `options`; what it holds before is the default.
void DeclareProjectorOptions(CLI::App& app, ProjectorOptions& options);

// The topic of a kafka log; empty for an embedded one.
std::string TopicOf(const event_log::LogOptions& options);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_PROJECTOR_OPTIONS_H_
