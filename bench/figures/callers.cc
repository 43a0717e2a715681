#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/empty_server_process.h"
#include "bench/figures/figures.h"
#include "bench/load/closed_loop.h"
#include "bench/load/commands.h"
#include "bench/load/histogram.h"
#include "bench/load/people.h"

namespace roster::bench {
namespace {

constexpr int kCallers = 600;

// Creates, updates, locks and deletes a user, and begins again with the next; one call after another.
class Caller {
 public:
  Caller(v1::UserCommandService::Stub& stub, Stage& stage, grpc::CompletionQueue& queue)
      : stub_(stub), stage_(stage), queue_(queue) {}

  // The answer comes out of the queue with this object as its tag.
  void CallNext() {
    context_ = std::make_unique<grpc::ClientContext>();
    begin_ = absl::Now();
    context_->set_deadline(absl::ToChronoTime(begin_ + absl::Seconds(30)));
    switch (next_) {
      case 0:
        return SignUp();
      case 1:
        updated_.mutable_user()->set_display_name(DisplayNameOf(stage_.NextPerson()));
        return Update("display_name");
      case 2:
        updated_.mutable_user()->set_status(v1::USER_STATUS_INACTIVE);
        return Update("status");
      default:
        return Delete();
    }
  }

  absl::Status TakeAnswer(Histogram& latencies) {
    latencies.Add(absl::Now() - begin_);
    if (next_ == 0) *updated_.mutable_user() = signed_up_answer_.user();
    next_ = (next_ + 1) % 4;
    return client::ToStatus(status_);
  }

 private:
  void SignUp() {
    const int64_t person = stage_.NextPerson();
    v1::SignUpUserRequest request;
    request.set_email(EmailOf(person));
    request.set_display_name(DisplayNameOf(person));
    sign_up_ = stub_.AsyncSignUpUser(context_.get(), request, &queue_);
    sign_up_->Finish(&signed_up_answer_, &status_, this);
  }
  void Update(const char* path) {
    v1::UpdateUserRequest request = updated_;
    request.mutable_user()->clear_etag();
    request.mutable_update_mask()->add_paths(path);
    update_ = stub_.AsyncUpdateUser(context_.get(), request, &queue_);
    update_->Finish(&updated_answer_, &status_, this);
  }
  void Delete() {
    v1::DeleteUserRequest request;
    request.set_user_id(updated_.user().user_id());
    delete_ = stub_.AsyncDeleteUser(context_.get(), request, &queue_);
    delete_->Finish(&deleted_answer_, &status_, this);
  }

  v1::UserCommandService::Stub& stub_;
  Stage& stage_;
  grpc::CompletionQueue& queue_;
  int next_ = 0;
  absl::Time begin_;
  std::unique_ptr<grpc::ClientContext> context_;
  grpc::Status status_;
  v1::UpdateUserRequest updated_;
  v1::SignUpUserResponse signed_up_answer_;
  v1::UpdateUserResponse updated_answer_;
  v1::DeleteUserResponse deleted_answer_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SignUpUserResponse>> sign_up_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::UpdateUserResponse>> update_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::DeleteUserResponse>> delete_;
};

absl::StatusOr<Sample> RunCallers(Stage& stage, absl::Duration duration) {
  const auto stub = v1::UserCommandService::NewStub(stage.roster().command_channel());
  grpc::CompletionQueue queue;
  Histogram latencies;
  std::vector<std::unique_ptr<Caller>> callers;
  const absl::Time begin = absl::Now();
  for (int i = 0; i < kCallers; ++i) {
    callers.push_back(std::make_unique<Caller>(*stub, stage, queue));
    callers.back()->CallNext();
  }
  absl::Status error;
  void* tag = nullptr;
  bool ok = false;
  for (int open = kCallers; open > 0 && queue.Next(&tag, &ok); --open) {
    auto* caller = static_cast<Caller*>(tag);
    error.Update(caller->TakeAnswer(latencies));
    if (!error.ok() || absl::Now() > begin + duration) continue;
    caller->CallNext();
    ++open;
  }
  const absl::Duration elapsed = absl::Now() - begin;
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  ROSTER_RETURN_IF_ERROR(error);
  return latencies.WithQuantiles(static_cast<double>(latencies.count()) / absl::ToDoubleSeconds(elapsed));
}

}  // namespace

absl::Status MeasureCallers(Stage& stage) {
  ROSTER_RETURN_IF_ERROR(stage.Loaded().status());
  ROSTER_RETURN_IF_ERROR(stage.StopReads());
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty,
                          EmptyServerProcess::Start("command", stage.roster().File("empty")));
  const SignUps empty_calls = SignUpsAt(empty.channel(), stage);
  return stage
      .Measure({"600 callers: create, update, lock, delete",
                [&](absl::Duration duration) { return RunCallers(stage, duration); }},
               {{"empty RPC", [&](absl::Duration duration) { return RunClosedLoop(empty_calls, kCallers, duration); }}})
      .status();
}

}  // namespace roster::bench
