#ifndef ROSTER_PROJECTOR_REBUILD_MESSAGES_H_
#define ROSTER_PROJECTOR_REBUILD_MESSAGES_H_

#include "projector/control.pb.h"
#include "projector/rebuild.h"

namespace roster::projector {

// Rebuilds as control.proto says them.
RebuildCall ToCall(const control::RebuildReadModelRequest& request);
control::RebuildProgress ToProto(const RebuildProgress& progress);
control::RebuildResult ToProto(const RebuildResult& result);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_REBUILD_MESSAGES_H_
