#include "projector/settle_client.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "grpcpp/grpcpp.h"
#include "projector/control.grpc.pb.h"
#include "projector/settle_dead_letters.h"
#include "read-model/writer.h"

namespace roster::projector {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(60);
constexpr absl::Duration kProbeTimeout = absl::Seconds(2);

std::shared_ptr<grpc::Channel> Connect(const read_model::Folder& folder) {
  return grpc::CreateChannel(absl::StrCat("unix:", folder.ControlSocketPath()), grpc::InsecureChannelCredentials());
}

absl::StatusOr<control::SettleDeadLettersResponse> Ask(const read_model::Folder& folder, Settlement settlement,
                                                       const control::SettleDeadLettersRequest& request) {
  const auto stub = control::ProjectorControl::NewStub(Connect(folder));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kCallTimeout));
  // It may have taken its lock a moment ago, and not listen yet.
  context.set_wait_for_ready(true);
  control::SettleDeadLettersResponse response;
  const grpc::Status status = settlement == Settlement::kRedrive
                                  ? stub->RedriveDeadLetters(&context, request, &response)
                                  : stub->DiscardDeadLetters(&context, request, &response);
  if (status.ok()) return response;
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// With the lock held: no projector runs.
absl::StatusOr<control::SettleDeadLettersResponse> SettleAlone(const read_model::Folder& folder, Settlement settlement,
                                                               const control::SettleDeadLettersRequest& request,
                                                               const Clock& clock) {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> generation, folder.CurrentGeneration());
  if (!generation) return absl::NotFoundError(absl::StrCat("there is no read model in ", folder.path(), " yet"));
  ROSTER_ASSIGN_OR_RETURN(const std::unique_ptr<read_model::Writer> writer,
                          read_model::Writer::Open(folder.DatabasePath(*generation)));
  auto response = settlement == Settlement::kRedrive ? RedriveDeadLetters(request, *writer, clock)
                                                     : DiscardDeadLetters(request, *writer);
  if (response.ok()) folder.RingDoorbell();
  return response;
}

}  // namespace

absl::StatusOr<control::SettleDeadLettersResponse> SettleDeadLetters(const read_model::Folder& folder,
                                                                     Settlement settlement,
                                                                     const control::SettleDeadLettersRequest& request,
                                                                     const Clock& clock) {
  const absl::StatusOr<FileLock> lock = FileLock::Acquire(folder.LockPath());
  if (lock.ok()) return SettleAlone(folder, settlement, request, clock);
  if (absl::IsFailedPrecondition(lock.status())) return Ask(folder, settlement, request);
  return lock.status();
}

std::string ProbeProjector(const read_model::Folder& folder) {
  const auto stub = control::ProjectorControl::NewStub(Connect(folder));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kProbeTimeout));
  control::GetProjectorHealthResponse response;
  const grpc::Status status = stub->GetProjectorHealth(&context, {}, &response);
  // Someone has the socket open, and is silent: a stopped process, or one that its disk holds.
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return "not answering";
  if (!status.ok()) return "not running";
  return response.serving() ? "serving" : "not serving";
}

}  // namespace roster::projector
