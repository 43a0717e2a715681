#ifndef ROSTER_COMMAND_SERVICE_COMMAND_SERVICE_H_
#define ROSTER_COMMAND_SERVICE_COMMAND_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "command-service/sequencer.h"
#include "event-log/event_log.h"
#include "metrics/exposer.h"
#include "rpc-server/server.h"

namespace roster::command {

struct CommandServiceOptions {
  rpc::ServerOptions server{.listen = "127.0.0.1:50051"};
  std::string write_model = "var/write-model.db";
  SequencerOptions sequencer;
  int max_import_streams = 16;
  metrics::MetricsOptions metrics;
};

// roster-command-service in one object: the server, the sequencer's thread and the write model. Tests run the same
// wiring.
//
// Thread safety: one thread, but for RequestStop.
class CommandService {
 public:
  // Opens the write model and starts serving; health turns to SERVING once the log is folded. `log` and `clock` must
  // outlive it. An error names the option that is wrong, or says what to do.
  static absl::StatusOr<std::unique_ptr<CommandService>> Start(const CommandServiceOptions& options,
                                                               event_log::EventLog& log, const Clock& clock);
  // Stops as Stop does.
  ~CommandService();

  // HOST:PORT that it serves on.
  const std::string& address() const;

  // What it counts of itself.
  const metrics::Registry& metrics() const;

  // Finishes what was accepted, refuses the rest, closes the write model. Returns how serving ended: an error where the
  // log or the write model could not be used any more.
  absl::Status Stop();

  // `on_failure` is called once serving has ended by itself, with an error that Stop will return: on the sequencer's
  // thread, or at once where that has happened already. It must not call back.
  void OnFailure(std::function<void()> on_failure);

 private:
  struct Parts;
  explicit CommandService(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_COMMAND_SERVICE_H_
