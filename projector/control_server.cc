#include "projector/control_server.h"

#include <sys/un.h>

#include <atomic>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "projector/rebuild_messages.h"
#include "projector/settle_dead_letters.h"

namespace roster::projector {
namespace {

// Both enums number the codes as gRPC does.
grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

}  // namespace

class ControlServer::Service final : public control::ProjectorControl::Service {
 public:
  Service(Fold& fold, Rebuilder& rebuilder, const Clock& clock) : fold_(fold), rebuilder_(rebuilder), clock_(clock) {}

  grpc::Status RedriveDeadLetters(grpc::ServerContext*, const control::SettleDeadLettersRequest* request,
                                  control::SettleDeadLettersResponse* response) override {
    return Settle(*response,
                  [&](read_model::Writer& writer) { return projector::RedriveDeadLetters(*request, writer, clock_); });
  }

  grpc::Status DiscardDeadLetters(grpc::ServerContext*, const control::SettleDeadLettersRequest* request,
                                  control::SettleDeadLettersResponse* response) override {
    return Settle(*response,
                  [&](read_model::Writer& writer) { return projector::DiscardDeadLetters(*request, writer); });
  }

  grpc::Status RebuildReadModel(grpc::ServerContext* context, const control::RebuildReadModelRequest* request,
                                grpc::ServerWriter<control::RebuildReadModelResponse>* writer) override {
    RebuildCall call = ToCall(*request);
    call.keep_going = [&] { return !context->IsCancelled() && !fold_.stopping(); };
    call.with_live_paused = [&](absl::FunctionRef<absl::Status()> replace) { return fold_.RunPaused(replace); };
    call.on_progress = [&](const RebuildProgress& progress) {
      control::RebuildReadModelResponse response;
      *response.mutable_progress() = ToProto(progress);
      writer->Write(response);
    };
    const absl::StatusOr<RebuildResult> result = rebuilder_.Run(call);
    if (!result.ok()) return ToGrpc(result.status());
    control::RebuildReadModelResponse response;
    *response.mutable_result() = ToProto(*result);
    writer->Write(response);
    return grpc::Status::OK;
  }

  grpc::Status GetProjectorHealth(grpc::ServerContext*, const control::GetProjectorHealthRequest*,
                                  control::GetProjectorHealthResponse* response) override {
    response->set_serving(serving_);
    return grpc::Status::OK;
  }

  void set_serving(bool serving) { serving_ = serving; }

 private:
  grpc::Status Settle(
      control::SettleDeadLettersResponse& response,
      absl::FunctionRef<absl::StatusOr<control::SettleDeadLettersResponse>(read_model::Writer&)> settle) {
    return ToGrpc(fold_.RunWithWriter([&](read_model::Writer& writer) {
      absl::StatusOr<control::SettleDeadLettersResponse> settled = settle(writer);
      if (settled.ok()) response = *std::move(settled);
      return settled.status();
    }));
  }

  Fold& fold_;
  Rebuilder& rebuilder_;
  const Clock& clock_;
  std::atomic<bool> serving_ = false;
};

absl::StatusOr<std::unique_ptr<ControlServer>> ControlServer::Start(const std::string& socket_path, Fold& fold,
                                                                    Rebuilder& rebuilder, const Clock& clock) {
  if (socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--read-model: the path ", socket_path, " is too long for a Unix socket: ", sizeof(sockaddr_un::sun_path) - 1,
        " bytes at most; name it relative to the working directory"));
  }
  auto service = std::make_unique<Service>(fold, rebuilder, clock);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("unix:", socket_path), grpc::InsecureServerCredentials());
  builder.RegisterService(service.get());
  // Few calls at a time, by operators: they need no threads of their own each.
  builder.SetResourceQuota(grpc::ResourceQuota().SetMaxThreads(8));
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 2);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("--read-model: cannot listen on the Unix socket ", socket_path));
  }
  auto control = std::unique_ptr<ControlServer>(new ControlServer(std::move(service), std::move(server)));
  control->SetServing(false);
  return control;
}

ControlServer::ControlServer(std::unique_ptr<Service> service, std::unique_ptr<grpc::Server> server)
    : service_(std::move(service)), server_(std::move(server)) {}

ControlServer::~ControlServer() {
  // Commands under way end with the fold at the latest; a health watch never does by itself.
  server_->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
}

void ControlServer::SetServing(bool serving) {
  service_->set_serving(serving);
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

}  // namespace roster::projector
