#ifndef ROSTER_COMMAND_SERVICE_UNARY_COMMAND_H_
#define ROSTER_COMMAND_SERVICE_UNARY_COMMAND_H_

#include <optional>

#include "command-service/pending_command.h"
#include "command-service/sequencer.h"
#include "rpc-server/async_call.h"

namespace roster::command {

// Fills in a response of any of the three commands.
template <typename Response>
void FillResponse(const CommandAnswer& answer, Response& response) {
  *response.mutable_user() = answer.user;
  response.set_event_id(answer.event_id);
  response.set_partition(answer.location.partition);
  response.set_offset(answer.location.offset);
  response.set_consistency_token(answer.consistency_token);
}

// What the record of a command is to carry: the context of the call's own span, or else what its caller sent, so that
// it reaches consumers also where this service keeps no traces.
inline std::optional<tracing::TraceContext> TraceOf(const tracing::TraceContext* traced,
                                                    const grpc::ServerContext& context) {
  return traced != nullptr ? *traced : rpc::CallersContext(context);
}

// A unary call as a command that waits. Deletes itself when it is answered.
template <typename Request, typename Response>
class UnaryCommand final : PendingCommand {
 public:
  using Call = rpc::UnaryCall<Request, Response>;

  static void Submit(Call& call, Sequencer& sequencer) { sequencer.Submit(*new UnaryCommand(call)); }

 private:
  explicit UnaryCommand(Call& call) : call_(call) {}

  Command command() const override { return &call_.request(); }
  absl::Time deadline() const override { return call_.deadline(); }
  std::optional<tracing::TraceContext> trace() const override { return TraceOf(call_.trace(), call_.context()); }

  void Answer(const CommandAnswer& answer) override {
    Response response;
    FillResponse(answer, response);
    call_.Finish(response);
    delete this;
  }
  void Refuse(const absl::Status& error) override {
    call_.Fail(error);
    delete this;
  }

  Call& call_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_UNARY_COMMAND_H_
