#ifndef ROSTER_PROJECTOR_REBUILD_CLIENT_H_
#define ROSTER_PROJECTOR_REBUILD_CLIENT_H_

#include <functional>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "projector/control.pb.h"
#include "projector/projector_options.h"

namespace roster::projector {

// Rebuilds or verifies the read model that `options` names (rebuild.h): asks the projector that runs on it, or takes
// its place under its lock where none runs. `on_progress` hears of it several times a second. Takes as long as it
// takes.
absl::StatusOr<control::RebuildResult> RebuildReadModel(
    const ProjectorOptions& options, const control::RebuildReadModelRequest& request,
    const std::function<void(const control::RebuildProgress&)>& on_progress, const Clock& clock);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_REBUILD_CLIENT_H_
