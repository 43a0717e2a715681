#ifndef ROSTER_COMMAND_SERVICE_SEQUENCER_H_
#define ROSTER_COMMAND_SERVICE_SEQUENCER_H_

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/helper_thread.h"
#include "base/uuid.h"
#include "command-service/batch_state.h"
#include "command-service/decide.h"
#include "command-service/fold.h"
#include "command-service/pending_command.h"
#include "command-service/sequencer_metrics.h"
#include "command-service/write_model.h"
#include "event-log/event_log.h"
#include "grpcpp/grpcpp.h"
#include "roster/v1/user_event.pb.h"
#include "rpc-server/async_call.h"
#include "rpc-server/waker.h"
#include "tracing/log_tracer.h"

namespace roster::command {

struct SequencerOptions {
  // HOST:PORT at which clients reach this command service: told to the others, and named by them while this one leads.
  std::string advertise;
  // Commands in one append; import rows have as many places again.
  int max_batch_commands = 1024;
  // Bytes of events in one append.
  int max_batch_bytes = 4 << 20;
  // Commands that may wait; beyond it callers get OVERLOADED.
  int max_waiting_commands = 10'000;
  // How long a command waits for a log that cannot be written before it gets LOG_UNAVAILABLE or OUTCOME_UNKNOWN.
  absl::Duration max_wait = absl::Seconds(10);
  // How long an elected one may be kept from leading by a call that does not return, before it passes the lead on.
  absl::Duration pass_on_after = absl::Seconds(15);
  // Events in one transaction of the write model.
  int commit_events = 20'000;
  // Quiet time after which the write model is committed.
  absl::Duration idle_commit = absl::Milliseconds(200);
  // No flag: traces the append of records.
  tracing::LogTracer log_tracer;
};

// The one writer. A single thread polls the completion queue of all commands, takes what is there as a batch, decides
// each command against the state with the batch's earlier events, appends all events in one all-or-nothing append, and
// only then answers: refusals too, since they may rest on events of the same batch. A batch is what came in while the
// last append was under way; there are no timers. A large batch is folded into the write model by a helper thread,
// while this one sends the answers and takes the next calls; the next batch is decided once it has.
//
// Guarantees: a caller who is answered OK has their event on the log, durably, once. A refusal was true at some moment
// between call and answer. Where an append's outcome is lost, the log is read to its end after taking the lead anew,
// and each caller gets what it says; OUTCOME_UNKNOWN only where that takes longer than max_wait, or the lead was lost.
//
// Several may stand for the lead of one log. The one that is elected decides; the others stand by: they keep their
// write model current, are not serving, and refuse every command as NOT_LEADER. Who is no longer elected stands by
// again.
//
// Thread safety: Run on one thread, and everything else there (the handlers run within Run), but for RequestStop.
class Sequencer {
 public:
  // `set_serving` is called when the sequencer becomes able, or unable, to decide. All references must outlive it.
  Sequencer(event_log::EventLog& log, WriteModel& write_model, const Clock& clock, grpc::ServerCompletionQueue& queue,
            const SequencerOptions& options, std::function<void(bool)> set_serving, metrics::Registry& registry);

  // Stands for the lead, and decides whenever it is elected, until the queue is shut down; then leaves the lead to
  // another. An error means that the log or the write model cannot be used by this program as things are, and says what
  // to do; the process should end.
  absl::Status Run();

  // Has `command` decided in a coming batch, or refuses it at once: SHUTTING_DOWN, NOT_READY, OVERLOADED.
  void Submit(PendingCommand& command);
  // The same for rows of an import, which wait apart: their number is bounded by that of the import streams.
  void SubmitRow(PendingCommand& command);

  // From now on lets nothing more in. `on_stop` of OnStop is called on Run's thread. From any thread.
  void RequestStop();
  void OnStop(std::function<void()> on_stop) { on_stop_ = std::move(on_stop); }
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

  // To be called before the queue is shut down: until then other threads may wake Run. From any thread.
  void StopWaking() { waker_.Close(); }

 private:
  struct Waiting {
    PendingCommand* command;
    absl::Time since;
  };
  // A command of the present batch, and what was decided.
  struct Item {
    Waiting waiting;
    absl::Status refusal;
    // Set where there is no refusal: an event of this batch, by its index; or a recorded or merely validated one.
    std::optional<size_t> event;
    std::optional<RecordedCommand> answer;
  };
  struct Batch {
    std::vector<Item> items;
    std::deque<v1::UserEvent> events;
    std::vector<event_log::Record> records;
    absl::flat_hash_map<std::string, size_t> index_of_event;
    size_t bytes = 0;
    // Of the records whose trace is kept, with their indexes.
    std::vector<std::pair<size_t, std::unique_ptr<tracing::Span>>> spans;
    // Once in doubt: its events that were met on the log. Kept with the batch, since a fold that is interrupted does
    // not read again what it has committed.
    absl::flat_hash_map<std::string, event_log::RecordLocation> found;
  };
  // A batch that is on the log, and on its way into the write model.
  struct Folding {
    Batch batch;
    std::vector<event_log::RecordLocation> locations;
    absl::Status outcome;
  };
  void OnWake();
  void SetServing(bool serving);
  void NoteWaiting() { metrics_.SetWaiting(commands_.size(), rows_.size()); }
  void SubmitTo(std::deque<Waiting>& queue, size_t limit, PendingCommand& command);
  // Completes one event of the queue. Waits for it until `deadline`; false where none came.
  bool PollOnce(absl::Time deadline);
  // Completes what is ready, up to a batch, and sends away those who have waited too long.
  void PollWhileWaiting();
  void ExpireWaiting(absl::Time now);
  void ExpireInDoubt(absl::Time now);

  void WaitForCommands();
  void RunBatch();
  void TakeFrom(std::deque<Waiting>& queue, BatchState& state, Batch& batch);
  Item DecideItem(const Waiting& waiting, BatchState& state, Batch& batch);
  void AddRecord(const PendingCommand& command, Batch& batch);
  Stamp NextStamp(const Batch& batch);
  std::string TokenAfter(const std::vector<event_log::RecordLocation>& appended) const;
  void AnswerBatch(const Batch& batch, const std::vector<event_log::RecordLocation>& locations,
                   const std::string& token);
  void FoldBatch(Folding& folding);
  void FinishFold();
  void FailBatch(Batch batch, const absl::Status& error);

  // The next step towards deciding, or standing by; UNAVAILABLE and CANCELLED may be tried again.
  absl::Status Prepare();
  absl::Status Stand();
  // Until it is elected.
  absl::Status StandBy();
  // Takes the lead and folds to the end.
  absl::Status CatchUp();
  absl::StatusOr<std::unique_ptr<Fold>> OpenFold();
  absl::Status FoldToEnd(absl::FunctionRef<bool()> keep_going);
  // Ends what may take librdkafka a second to end, on a thread of its own.
  void Retire(std::unique_ptr<Fold> fold, std::unique_ptr<event_log::Appender> appender);
  void AwaitRetired();
  // Runs what may wait for the log on another thread; calls go on being taken and answered meanwhile. Where it takes
  // too long, another candidate is let lead: afterwards there may be no candidacy.
  void Block(absl::FunctionRef<void()> call);
  bool Elected() const { return candidacy_ != nullptr && candidacy_->Elected(); }
  // Completes what is ready; whether to go on waiting for the log.
  bool KeepWaiting();
  void ResolveInDoubt();
  void WaitBeforeRetry(const absl::Status& error);
  void RefuseAll(const absl::Status& error);
  absl::Status Serve();
  absl::Status Close();

  event_log::EventLog& log_;
  WriteModel& write_model_;
  const Clock& clock_;
  grpc::ServerCompletionQueue& queue_;
  const SequencerOptions options_;
  const std::function<void(bool)> set_serving_;
  SequencerMetrics metrics_;
  std::function<void()> on_stop_ = [] {};

  std::unique_ptr<event_log::Candidacy> candidacy_;
  std::unique_ptr<event_log::Appender> appender_;
  // Of the time as standby, to go on with.
  std::unique_ptr<Fold> fold_;
  std::thread retiring_;
  UuidV7Generator uuids_;
  Backoff backoff_{absl::Milliseconds(50), absl::Seconds(2)};
  std::deque<Waiting> commands_;
  std::deque<Waiting> rows_;
  // While it is set, the write model belongs to whoever folds it.
  std::optional<Folding> folding_;
  // The batch whose append's outcome is not known yet.
  std::optional<Batch> in_doubt_;
  bool in_doubt_may_be_recorded_ = false;
  // Leads, and the write model holds all that is on the log.
  bool caught_up_ = false;
  // Has held all that was on the log once; commands may wait from then on.
  bool ever_caught_up_ = false;
  bool standing_by_ = false;
  bool queue_is_down_ = false;
  // Run has ended with an error: whatever still comes is refused.
  bool failed_ = false;
  absl::Time last_expiry_ = absl::InfinitePast();

  std::atomic<bool> stopping_ = false;
  bool told_of_stop_ = false;
  rpc::Waker waker_;
  HelperThread helper_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_SEQUENCER_H_
