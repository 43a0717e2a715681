#ifndef ROSTER_COMMAND_SERVICE_IMPORT_CALL_H_
#define ROSTER_COMMAND_SERVICE_IMPORT_CALL_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "command-service/pending_command.h"
#include "command-service/sequencer.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/support/async_stream.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "rpc-server/async_call.h"

namespace roster::command {

inline constexpr int kMaxImportRows = 1000;
// Then the answer, with an error of its own for each row at worst, stays below the 4 MiB that a client takes by
// default.
inline constexpr size_t kMaxImportBytes = 2 << 20;

class ImportCall;

// The import streams of a server: how they come in, and how many may be open.
//
// Thread safety: on the sequencer's thread. Must outlive the queue.
struct ImportStreams {
  using Stream = grpc::ServerAsyncReaderWriter<v1::ImportUsersResponse, v1::ImportUsersRequest>;

  // AsyncService::RequestImportUsers with its queues bound.
  std::function<void(grpc::ServerContext*, Stream*, void* tag)> request;
  rpc::OpenCalls* open_calls = nullptr;
  // Asked before anything else.
  rpc::MethodGuard guard;
  // Counts the streams; null: nobody does.
  rpc::MethodMetrics* metrics = nullptr;
  rpc::MethodTracer tracer;
  Sequencer* sequencer = nullptr;
  int max_open = 16;
  absl::flat_hash_set<ImportCall*> open;

  // Ends every stream once the rows that it waits for are answered.
  void Stop();
};

// One ImportUsers stream. It has the rows of one request decided at a time, and reads the next request as it answers;
// so what a caller sends ahead waits in gRPC's flow control, not in memory. Deletes itself when the stream is over.
//
// Thread safety: on the sequencer's thread.
class ImportCall {
 public:
  static void Accept(ImportStreams& streams) { new ImportCall(streams); }
  ~ImportCall();

  // See ImportStreams::Stop.
  void Stop();

 private:
  // One operation of the stream.
  struct Tag final : rpc::CompletionTag {
    Tag(ImportCall& call, void (ImportCall::*complete)(bool)) : call(call), complete(complete) {}
    void Complete(bool ok) override;
    ImportCall& call;
    void (ImportCall::*complete)(bool);
    bool pending = false;
  };
  // One row as a command that waits.
  struct Row final : PendingCommand {
    Row(ImportCall& call, int index) : call(call), index(index) {}
    Command command() const override { return &call.request_.rows(index); }
    absl::Time deadline() const override { return call.deadline_; }
    std::optional<tracing::TraceContext> trace() const override;
    void Answer(const CommandAnswer& answer) override;
    void Refuse(const absl::Status& error) override;
    ImportCall& call;
    int index;
  };

  explicit ImportCall(ImportStreams& streams);
  void OnStarted(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void OnDone(bool ok);

  void Read();
  void SubmitRows();
  void RowAnswered();
  // Does what can be done next: sends an answer, reads on, or ends the stream.
  void Proceed();
  void Finish(const absl::Status& status);
  void DeleteIfOver();

  ImportStreams& streams_;
  const rpc::OpenCalls::Membership membership_;
  rpc::ObservedCall observed_;
  grpc::ServerContext context_;
  absl::Time deadline_;
  ImportStreams::Stream stream_;
  rpc::CallerLimits::OpenCall open_call_;
  v1::ImportUsersRequest request_;
  // Being filled in; ready to go once rows_left_ is zero.
  v1::ImportUsersResponse response_;
  std::vector<Row> rows_;
  int rows_left_ = 0;
  bool response_ready_ = false;
  bool started_ = false;
  bool half_closed_ = false;
  bool finishing_ = false;
  bool broken_ = false;
  bool done_ = false;
  // The request that was just read is refused: the stream ends with this once earlier answers are out.
  absl::Status refusal_;
  std::string token_;
  Tag start_tag_, read_tag_, write_tag_, finish_tag_, done_tag_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_IMPORT_CALL_H_
