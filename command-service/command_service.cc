#include "command-service/command_service.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/error.h"
#include "base/log.h"
#include "command-service/import_call.h"
#include "command-service/unary_command.h"
#include "command-service/write_model.h"
#include "metrics/process_metrics.h"
#include "roster/v1/user_command_service.grpc.pb.h"

namespace roster::command {
namespace {

using Service = v1::UserCommandService::AsyncService;

std::string FullName(absl::string_view method) {
  return absl::StrCat(v1::UserCommandService::service_full_name(), "/", method);
}

// How the calls of one unary method come in and reach the sequencer.
template <typename Request, typename Response>
class UnaryMethod {
 public:
  using Call = rpc::UnaryCall<Request, Response>;
  using RequestFunction = void (Service::*)(grpc::ServerContext*, Request*, typename Call::Responder*,
                                            grpc::CompletionQueue*, grpc::ServerCompletionQueue*, void*);

  void Accept(Service& service, RequestFunction function, grpc::ServerCompletionQueue& queue, Sequencer& sequencer,
              rpc::OpenCalls& open_calls, const rpc::Server& server, absl::string_view name) {
    method_.open_calls = &open_calls;
    method_.guard = server.GuardOf(FullName(name));
    method_.metrics = server.MetricsOf(FullName(name));
    method_.tracer = server.TracerOf(FullName(name));
    method_.request = [&service, function, &queue](auto* context, auto* request, auto* responder, void* tag) {
      (service.*function)(context, request, responder, &queue, &queue, tag);
    };
    method_.handle = [&sequencer](Call& call) { UnaryCommand<Request, Response>::Submit(call, sequencer); };
    Call::Accept(method_);
  }

 private:
  typename Call::Method method_;
};

}  // namespace

struct CommandService::Parts {
  ~Parts() {
    // In the order that gRPC asks for: server, queue, and what their calls use last.
    if (server != nullptr) Stop().IgnoreError();
  }

  void AcceptCalls();
  void Serve();
  absl::Status Stop();

  CommandServiceOptions options;
  metrics::Registry registry;
  Service service;
  std::unique_ptr<WriteModel> write_model;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<rpc::Server> server;
  std::unique_ptr<Sequencer> sequencer;
  rpc::OpenCalls open_calls;
  UnaryMethod<v1::SignUpUserRequest, v1::SignUpUserResponse> sign_up_user;
  UnaryMethod<v1::UpdateUserRequest, v1::UpdateUserResponse> update_user;
  UnaryMethod<v1::DeleteUserRequest, v1::DeleteUserResponse> delete_user;
  ImportStreams import_streams;
  std::thread thread;
  bool stopped = false;
  // How Run ended; read after the thread has.
  absl::Status outcome;
  absl::Mutex mutex;
  std::function<void()> on_failure ABSL_GUARDED_BY(mutex) = [] {};
  bool failed ABSL_GUARDED_BY(mutex) = false;
  // Reads what is above.
  std::unique_ptr<metrics::Exposer> exposer;
};

void CommandService::Parts::AcceptCalls() {
  sign_up_user.Accept(service, &Service::RequestSignUpUser, *queue, *sequencer, open_calls, *server, "SignUpUser");
  update_user.Accept(service, &Service::RequestUpdateUser, *queue, *sequencer, open_calls, *server, "UpdateUser");
  delete_user.Accept(service, &Service::RequestDeleteUser, *queue, *sequencer, open_calls, *server, "DeleteUser");
  import_streams.request = [this](grpc::ServerContext* context, ImportStreams::Stream* stream, void* tag) {
    service.RequestImportUsers(context, stream, queue.get(), queue.get(), tag);
  };
  import_streams.open_calls = &open_calls;
  import_streams.guard = server->GuardOf(FullName("ImportUsers"));
  import_streams.metrics = server->MetricsOf(FullName("ImportUsers"));
  import_streams.tracer = server->TracerOf(FullName("ImportUsers"));
  import_streams.sequencer = sequencer.get();
  import_streams.max_open = options.max_import_streams;
  ImportCall::Accept(import_streams);
  sequencer->OnStop([this] { import_streams.Stop(); });
}

void CommandService::Parts::Serve() {
  outcome = sequencer->Run();
  if (outcome.ok()) return;
  Log(LogLevel::kError, "the command service cannot go on", {{"error", outcome}});
  server->SetServing(false);
  {
    absl::MutexLock lock(&mutex);
    failed = true;
    on_failure();
  }
  // Calls that still come in are refused until the server is shut down.
  void* tag;
  bool ok;
  while (queue->Next(&tag, &ok)) static_cast<rpc::CompletionTag*>(tag)->Complete(ok);
}

absl::Status CommandService::Parts::Stop() {
  if (std::exchange(stopped, true)) return outcome;
  server->SetServing(false);
  sequencer->RequestStop();
  server->Shutdown();
  open_calls.AwaitNone();
  sequencer->StopWaking();
  queue->Shutdown();
  thread.join();
  return outcome;
}

absl::StatusOr<std::unique_ptr<CommandService>> CommandService::Start(const CommandServiceOptions& options,
                                                                      event_log::EventLog& log, const Clock& clock) {
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  metrics::AddProcessMetrics(parts->registry, "roster-command-service");
  metrics::AddDatabaseSize(parts->registry, "write_model", [path = options.write_model] { return path; });
  metrics::AddDatabaseSize(parts->registry, "log", [&log] { return log.DatabasePath(); });
  ROSTER_ASSIGN_OR_RETURN(parts->exposer, metrics::Exposer::Start(options.metrics, parts->registry));
  ROSTER_ASSIGN_OR_RETURN(parts->write_model, WriteModel::Open(options.write_model, BootId()));
  ROSTER_ASSIGN_OR_RETURN(parts->server,
                          rpc::Server::Start(
                              options.server, {{v1::UserCommandService::service_full_name(), &parts->service}},
                              [&](grpc::ServerBuilder& builder) -> grpc::ServerCompletionQueue& {
                                parts->queue = builder.AddCompletionQueue();
                                return *parts->queue;
                              },
                              &parts->registry));
  SequencerOptions& sequencer_options = parts->options.sequencer;
  if (sequencer_options.advertise.empty()) sequencer_options.advertise = parts->server->address();
  parts->sequencer = std::make_unique<Sequencer>(
      log, *parts->write_model, clock, *parts->queue, sequencer_options,
      [server = parts->server.get()](bool serving) { server->SetServing(serving); }, parts->registry);
  parts->AcceptCalls();
  parts->thread = std::thread([parts = parts.get()] { parts->Serve(); });
  return std::unique_ptr<CommandService>(new CommandService(std::move(parts)));
}

CommandService::CommandService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
CommandService::~CommandService() = default;

const std::string& CommandService::address() const { return parts_->server->address(); }

const metrics::Registry& CommandService::metrics() const { return parts_->registry; }

absl::Status CommandService::Stop() { return parts_->Stop(); }

void CommandService::OnFailure(std::function<void()> on_failure) {
  absl::MutexLock lock(&parts_->mutex);
  parts_->on_failure = std::move(on_failure);
  if (parts_->failed) parts_->on_failure();
}

}  // namespace roster::command
