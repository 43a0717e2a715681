#include "rpc-server/health.h"

#include <optional>

#include "base/error.h"
#include "rpc-server/error_reason.h"

namespace roster::rpc {

using grpc::health::v1::HealthCheckResponse;

// Tells one caller the status of one service, now and whenever it changes.
class Health::Watch final : public WatchCall::Handler {
 public:
  Watch(Health& health, WatchCall& call)
      : health_(health), call_(call), listed_(health.watches_.insert(health.watches_.end(), this)) {}
  ~Watch() override { health_.watches_.erase(listed_); }

  void OnReady() override { Tell(); }
  void OnDone() override { over_ = true; }

  void Tell() {
    if (over_ || call_.busy()) return;
    const HealthCheckResponse::ServingStatus status = health_.StatusOf(call_.request().service());
    if (told_ != status) {
      told_ = status;
      HealthCheckResponse response;
      response.set_status(status);
      call_.Write(response);
    } else if (health_.ending_) {
      over_ = true;
      call_.Finish(UnavailableError(v1::ERROR_REASON_SHUTTING_DOWN, "the server is stopping", absl::Seconds(1)));
    }
  }

 private:
  Health& health_;
  WatchCall& call_;
  const std::list<Watch*>::iterator listed_;
  std::optional<HealthCheckResponse::ServingStatus> told_;
  bool over_ = false;
};

Health::Health(const std::vector<std::string>& service_names, const MethodGuard& guard, grpc::ServerBuilder& builder,
               grpc::ServerCompletionQueue& queue, RpcMetrics& metrics)
    : names_(service_names.begin(), service_names.end()), waker_(queue, [this] { TellWatches(); }) {
  names_.insert("");
  builder.RegisterService(&service_);
  check_.open_calls = &open_calls_;
  check_.guard = guard;
  check_.metrics = &metrics.OfMethod("grpc.health.v1.Health/Check");
  check_.request = [this, &queue](auto* context, auto* request, auto* responder, void* tag) {
    service_.RequestCheck(context, request, responder, &queue, &queue, tag);
  };
  check_.handle = [this](CheckCall& call) { Check(call); };
  watch_.open_calls = &open_calls_;
  watch_.guard = guard;
  watch_.metrics = &metrics.OfMethod("grpc.health.v1.Health/Watch");
  watch_.request = [this, &queue](auto* context, auto* request, auto* writer, void* tag) {
    service_.RequestWatch(context, request, writer, &queue, &queue, tag);
  };
  watch_.handle = [this](WatchCall& call) { return std::make_unique<Watch>(*this, call); };
}

void Health::Start() {
  CheckCall::Accept(check_);
  WatchCall::Accept(watch_);
}

void Health::SetServing(bool serving) {
  serving_ = serving;
  waker_.Wake();
}

void Health::EndWatches() {
  ending_ = true;
  waker_.Wake();
}

void Health::Stop() {
  open_calls_.AwaitNone();
  waker_.Close();
}

void Health::Check(CheckCall& call) {
  HealthCheckResponse response;
  response.set_status(StatusOf(call.request().service()));
  if (response.status() != HealthCheckResponse::SERVICE_UNKNOWN) return call.Finish(response);
  call.Fail(MakeError(absl::StatusCode::kNotFound, "no such service here", {.reason = "SERVICE_UNKNOWN"}));
}

void Health::TellWatches() {
  for (Watch* watch : watches_) watch->Tell();
}

HealthCheckResponse::ServingStatus Health::StatusOf(const std::string& service) const {
  if (names_.count(service) == 0) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace roster::rpc
