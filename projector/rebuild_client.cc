#include "projector/rebuild_client.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "grpcpp/grpcpp.h"
#include "projector/control.grpc.pb.h"
#include "projector/rebuild.h"
#include "projector/rebuild_messages.h"
#include "read-model/folder.h"

namespace roster::projector {
namespace {

using OnProgress = std::function<void(const control::RebuildProgress&)>;

absl::StatusOr<control::RebuildResult> Ask(const read_model::Folder& folder,
                                           const control::RebuildReadModelRequest& request,
                                           const OnProgress& on_progress) {
  const auto stub = control::ProjectorControl::NewStub(
      grpc::CreateChannel(absl::StrCat("unix:", folder.ControlSocketPath()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  // It may have taken its lock a moment ago, and not listen yet.
  context.set_wait_for_ready(true);
  const auto reader = stub->RebuildReadModel(&context, request);
  control::RebuildReadModelResponse response;
  control::RebuildResult result;
  while (reader->Read(&response)) {
    if (response.has_progress()) on_progress(response.progress());
    if (response.has_result()) result = response.result();
  }
  const grpc::Status status = reader->Finish();
  if (status.ok()) return result;
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// With the lock held: no projector runs.
absl::StatusOr<control::RebuildResult> RebuildAlone(const ProjectorOptions& options, const read_model::Folder& folder,
                                                    const control::RebuildReadModelRequest& request,
                                                    const OnProgress& on_progress, const Clock& clock) {
  ROSTER_ASSIGN_OR_RETURN(const auto log, event_log::OpenEventLog(options.log, clock));
  RebuildCall call = ToCall(request);
  call.on_progress = [&](const RebuildProgress& progress) { on_progress(ToProto(progress)); };
  ROSTER_ASSIGN_OR_RETURN(const RebuildResult result, Rebuilder(*log, folder, clock).Run(call));
  // Readers follow within milliseconds, and read on what they have open.
  return ToProto(result);
}

}  // namespace

absl::StatusOr<control::RebuildResult> RebuildReadModel(const ProjectorOptions& options,
                                                        const control::RebuildReadModelRequest& request,
                                                        const OnProgress& on_progress, const Clock& clock) {
  const read_model::Folder folder(options.read_model);
  const absl::StatusOr<FileLock> lock = FileLock::Acquire(folder.LockPath());
  if (lock.ok()) return RebuildAlone(options, folder, request, on_progress, clock);
  if (absl::IsFailedPrecondition(lock.status())) return Ask(folder, request, on_progress);
  return lock.status();
}

}  // namespace roster::projector
