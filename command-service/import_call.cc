#include "command-service/import_call.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "command-service/unary_command.h"
#include "rpc-server/error_reason.h"
#include "rpc-server/rpc_status.h"

namespace roster::command {
namespace {

absl::Status TooManyStreams(int limit) {
  return rpc::ErrorWithReason(
      absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
      absl::StrCat("the limit of ", limit, " open imports is reached: try again when one has ended"),
      {.retry_delay = absl::Seconds(1)});
}

absl::Status Stopping() {
  return rpc::UnavailableError(v1::ERROR_REASON_SHUTTING_DOWN,
                               "the command service is stopping; rows that were not answered were not recorded",
                               absl::Seconds(1));
}

}  // namespace

void ImportStreams::Stop() {
  // A stream that ends leaves `open`.
  const std::vector<ImportCall*> calls(open.begin(), open.end());
  for (ImportCall* call : calls) call->Stop();
}

void ImportCall::Tag::Complete(bool ok) {
  pending = false;
  (call.*complete)(ok);
}

std::optional<tracing::TraceContext> ImportCall::Row::trace() const {
  return TraceOf(call.observed_.trace(), call.context_);
}

void ImportCall::Row::Answer(const CommandAnswer& answer) {
  v1::SignUpUserResponse& signed_up = *call.response_.mutable_results(index)->mutable_signed_up();
  FillResponse(answer, signed_up);
  signed_up.clear_consistency_token();
  if (!answer.consistency_token.empty()) call.token_ = answer.consistency_token;
  call.RowAnswered();
}

void ImportCall::Row::Refuse(const absl::Status& error) {
  const LogTraceId trace_id = call.observed_.log_trace_id();
  *call.response_.mutable_results(index)->mutable_error() = rpc::ToRpcStatus(error);
  call.RowAnswered();
}

ImportCall::ImportCall(ImportStreams& streams)
    : streams_(streams),
      membership_(*streams.open_calls),
      stream_(&context_),
      start_tag_(*this, &ImportCall::OnStarted),
      read_tag_(*this, &ImportCall::OnRead),
      write_tag_(*this, &ImportCall::OnWritten),
      finish_tag_(*this, &ImportCall::OnFinished),
      done_tag_(*this, &ImportCall::OnDone) {
  context_.AsyncNotifyWhenDone(static_cast<rpc::CompletionTag*>(&done_tag_));
  start_tag_.pending = true;
  streams_.request(&context_, &stream_, static_cast<rpc::CompletionTag*>(&start_tag_));
}

ImportCall::~ImportCall() { streams_.open.erase(this); }

void ImportCall::OnStarted(bool ok) {
  if (!ok) {
    // The server is shutting down and no stream came: gRPC does not send the done tag then.
    delete this;
    return;
  }
  started_ = true;
  observed_.Begin(streams_.metrics);
  observed_.BeginTrace(streams_.tracer, context_);
  deadline_ = rpc::DeadlineOf(context_);
  Accept(streams_);
  absl::StatusOr<rpc::CallerLimits::OpenCall> admitted = streams_.guard.Admit(context_);
  if (!admitted.ok()) return Finish(admitted.status());
  open_call_ = *std::move(admitted);
  if (static_cast<int>(streams_.open.size()) >= streams_.max_open) return Finish(TooManyStreams(streams_.max_open));
  streams_.open.insert(this);
  if (streams_.sequencer->stopping()) return Finish(Stopping());
  Read();
}

void ImportCall::Read() {
  read_tag_.pending = true;
  stream_.Read(&request_, static_cast<rpc::CompletionTag*>(&read_tag_));
}

void ImportCall::OnRead(bool ok) {
  half_closed_ = !ok;
  if (const size_t bytes = request_.ByteSizeLong();
      ok && (request_.rows_size() > kMaxImportRows || bytes > kMaxImportBytes)) {
    refusal_ = rpc::InvalidFields(
        {{"rows", absl::StrCat("has ", request_.rows_size(), " entries of ", bytes, " bytes; the limits are ",
                               kMaxImportRows, " and ", kMaxImportBytes, ": send more requests on the stream")}});
  } else if (ok && !done_ && !finishing_) {
    return SubmitRows();
  }
  Proceed();
}

void ImportCall::SubmitRows() {
  response_.Clear();
  rows_.clear();
  rows_left_ = request_.rows_size();
  if (rows_left_ == 0) {
    response_ready_ = true;
    return Proceed();
  }
  for (int i = 0; i < request_.rows_size(); ++i) {
    response_.add_results();
    rows_.push_back(Row(*this, i));
  }
  // A row may be refused at once, and the last of them sends the answer and with it ends this function's work: so the
  // number is kept apart.
  const int rows = request_.rows_size();
  for (int i = 0; i < rows; ++i) streams_.sequencer->SubmitRow(rows_[i]);
}

void ImportCall::RowAnswered() {
  if (--rows_left_ > 0) return;
  response_ready_ = true;
  Proceed();
}

void ImportCall::Proceed() {
  if (response_ready_ && !write_tag_.pending && !finishing_ && !broken_ && !done_) {
    response_ready_ = false;
    response_.set_consistency_token(token_);
    write_tag_.pending = true;
    observed_.MessageSent();
    stream_.Write(response_, static_cast<rpc::CompletionTag*>(&write_tag_));
  }
  const bool stopping = streams_.sequencer->stopping();
  // What a Read that is under way may bring is not waited for when the service stops.
  const bool waiting = rows_left_ > 0 || response_ready_ || (read_tag_.pending && !stopping);
  if (waiting || finishing_ || broken_ || done_) return DeleteIfOver();
  if (!refusal_.ok() || half_closed_ || stopping) {
    if (write_tag_.pending) return;
    return Finish(!refusal_.ok() ? refusal_ : half_closed_ ? absl::OkStatus() : Stopping());
  }
  Read();
}

void ImportCall::OnWritten(bool ok) {
  broken_ |= !ok;
  Proceed();
}

void ImportCall::Finish(const absl::Status& status) {
  finishing_ = true;
  finish_tag_.pending = true;
  stream_.Finish(observed_.End(status), static_cast<rpc::CompletionTag*>(&finish_tag_));
}

void ImportCall::Stop() {
  // A Read that is under way ends with the stream; what it may bring is not looked at any more.
  const bool idle = rows_left_ == 0 && !response_ready_ && !write_tag_.pending;
  if (idle && !finishing_ && !broken_ && !done_) Finish(Stopping());
}

void ImportCall::OnFinished(bool ok) {
  if (!ok) observed_.CallerGone();
  DeleteIfOver();
}

void ImportCall::OnDone(bool) {
  done_ = true;
  DeleteIfOver();
}

void ImportCall::DeleteIfOver() {
  const bool busy = read_tag_.pending || write_tag_.pending || finish_tag_.pending || rows_left_ > 0;
  if (done_ && started_ && !busy) delete this;
}

}  // namespace roster::command
