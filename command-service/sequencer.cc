#include "command-service/sequencer.h"

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/consistency_token.h"
#include "base/error.h"
#include "base/log.h"
#include "base/log_trace_id.h"
#include "base/steady_time.h"
#include "command-service/fold.h"
#include "command-service/refusals.h"
#include "command-service/standby.h"
#include "rpc-server/error_reason.h"
#include "rpc-server/steady_deadline.h"
#include "user-event/occurred_at.h"
#include "user-event/write_record.h"

namespace roster::command {
namespace {

constexpr absl::Duration kExpiryInterval = absl::Milliseconds(20);
// From how many events on a batch is folded beside the answers: for fewer, waking another thread takes longer than it
// spares.
constexpr size_t kManyEvents = 16;

void Send(PendingCommand& command, const RecordedCommand& recorded, const std::string& token) {
  command.Answer({.user = recorded.user,
                  .event_id = recorded.event_id,
                  .location = recorded.location.value_or(event_log::RecordLocation{}),
                  .consistency_token = token});
}

}  // namespace

Sequencer::Sequencer(event_log::EventLog& log, WriteModel& write_model, const Clock& clock,
                     grpc::ServerCompletionQueue& queue, const SequencerOptions& options,
                     std::function<void(bool)> set_serving, metrics::Registry& registry)
    : log_(log),
      write_model_(write_model),
      clock_(clock),
      queue_(queue),
      options_(options),
      set_serving_(std::move(set_serving)),
      metrics_(registry),
      uuids_(clock),
      waker_(queue, [this] { OnWake(); }) {}

// --- What comes in ---------------------------------------------------------------------------------------------------

void Sequencer::Submit(PendingCommand& command) { SubmitTo(commands_, options_.max_waiting_commands, command); }

void Sequencer::SubmitRow(PendingCommand& command) { SubmitTo(rows_, rows_.max_size(), command); }

void Sequencer::SubmitTo(std::deque<Waiting>& queue, size_t limit, PendingCommand& command) {
  if (failed_) return command.Refuse(LogUnavailable());
  if (stopping() && !caught_up_) return command.Refuse(ShuttingDown());
  if (standing_by_) {
    const std::string leader = candidacy_ == nullptr ? "" : candidacy_->Leader();
    if (!leader.empty() || ever_caught_up_) return command.Refuse(NotLeader(leader));
  }
  if (!ever_caught_up_) return command.Refuse(NotReady());
  if (queue.size() >= limit) return command.Refuse(Overloaded());
  queue.push_back({&command, SteadyNow()});
  NoteWaiting();
}

void Sequencer::SetServing(bool serving) {
  metrics_.SetLeading(serving);
  set_serving_(serving);
}

void Sequencer::RequestStop() {
  if (!stopping_.exchange(true)) waker_.Wake();
}

void Sequencer::OnWake() {
  if (stopping() && !std::exchange(told_of_stop_, true)) on_stop_();
}

bool Sequencer::PollOnce(absl::Time deadline) {
  void* tag;
  bool ok;
  switch (queue_.AsyncNext(&tag, &ok, rpc::SteadyDeadline(deadline))) {
    case grpc::CompletionQueue::GOT_EVENT:
      static_cast<rpc::CompletionTag*>(tag)->Complete(ok);
      return true;
    case grpc::CompletionQueue::SHUTDOWN:
      queue_is_down_ = true;
      return false;
    case grpc::CompletionQueue::TIMEOUT:
      return false;
  }
  return false;
}

void Sequencer::PollWhileWaiting() {
  // No more, so that callers who come faster than they are refused do not keep the others waiting.
  for (int taken = 0; taken < options_.max_batch_commands && PollOnce(absl::InfinitePast()); ++taken) {
  }
  const absl::Time now = SteadyNow();
  if (now - last_expiry_ < kExpiryInterval) return;
  last_expiry_ = now;
  ExpireWaiting(now);
  ExpireInDoubt(now);
}

void Sequencer::ExpireWaiting(absl::Time now) {
  for (std::deque<Waiting>* queue : {&commands_, &rows_}) {
    // An answer may submit more at the back; those are not looked at.
    std::deque<Waiting> kept;
    std::deque<Waiting> looked_at = std::exchange(*queue, {});
    for (const Waiting& waiting : looked_at) {
      if (waiting.command->deadline() <= now) {
        waiting.command->Refuse(DeadlinePassed());
      } else if (now - waiting.since > options_.max_wait) {
        waiting.command->Refuse(LogUnavailable());
      } else {
        kept.push_back(waiting);
      }
    }
    queue->insert(queue->begin(), kept.begin(), kept.end());
  }
  NoteWaiting();
}

void Sequencer::ExpireInDoubt(absl::Time now) {
  if (!in_doubt_) return;
  for (Item& item : in_doubt_->items) {
    if (item.waiting.command == nullptr || now - item.waiting.since <= options_.max_wait) continue;
    // A refusal, too, may rest on what is in doubt.
    const bool may_be_recorded = in_doubt_may_be_recorded_ && item.event.has_value();
    std::exchange(item.waiting.command, nullptr)->Refuse(may_be_recorded ? OutcomeUnknown() : LogUnavailable());
  }
}

void Sequencer::RefuseAll(const absl::Status& error) {
  for (std::deque<Waiting>* queue : {&commands_, &rows_}) {
    const std::deque<Waiting> refused = std::exchange(*queue, {});
    for (const Waiting& waiting : refused) waiting.command->Refuse(error);
  }
  NoteWaiting();
  if (!in_doubt_) return;
  const Batch batch = *std::exchange(in_doubt_, std::nullopt);
  for (const Item& item : batch.items) {
    if (item.waiting.command == nullptr) continue;
    item.waiting.command->Refuse(in_doubt_may_be_recorded_ && item.event ? OutcomeUnknown() : error);
  }
}

// --- The loop --------------------------------------------------------------------------------------------------------

absl::Status Sequencer::Run() {
  const absl::Status status = Serve();
  metrics_.SetLeading(false);
  if (!status.ok()) {
    failed_ = true;
    RefuseAll(LogUnavailable());
  }
  // The lead first: another one waits for it, while ending an appender may take a second.
  candidacy_.reset();
  Retire(std::move(fold_), std::move(appender_));
  const absl::Status closed = status.ok() ? Close() : status;
  AwaitRetired();
  return closed;
}

absl::Status Sequencer::Serve() {
  for (;;) {
    if (folding_) {
      helper_.Join([&] { PollWhileWaiting(); });
      FinishFold();
    }
    if (queue_is_down_) return absl::OkStatus();
    // A decision may have failed to read the write model in a batch that was then not appended.
    if (!write_model_.fault().ok() || !Elected()) caught_up_ = false;
    if (caught_up_) {
      WaitForCommands();
      if (!commands_.empty() || !rows_.empty()) RunBatch();
    } else if (stopping()) {
      RefuseAll(ShuttingDown());
      PollOnce(absl::InfiniteFuture());
    } else if (const absl::Status status = Prepare(); IsBeyondRepair(status)) {
      return status;
    } else if (!status.ok() && !absl::IsCancelled(status)) {
      WaitBeforeRetry(status);
    }
  }
}

absl::Status Sequencer::Prepare() {
  SetServing(false);
  if (candidacy_ == nullptr) return Stand();
  ROSTER_RETURN_IF_ERROR(candidacy_->Problem());
  return Elected() ? CatchUp() : StandBy();
}

absl::Status Sequencer::Stand() {
  ROSTER_ASSIGN_OR_RETURN(candidacy_,
                          log_.Stand({.address = options_.advertise, .on_change = [this] { waker_.Wake(); }},
                                     [&] { return KeepWaiting(); }));
  return absl::OkStatus();
}

bool Sequencer::KeepWaiting() {
  PollWhileWaiting();
  return !stopping() && !queue_is_down_;
}

// Returns at once when something waits; else when a call has come, having taken along all that are ready. Commits the
// write model when nothing comes.
void Sequencer::WaitForCommands() {
  const auto enough = [&] { return static_cast<int>(commands_.size()) >= options_.max_batch_commands; };
  while (!enough() && PollOnce(absl::InfinitePast())) {
  }
  if (!commands_.empty() || !rows_.empty() || queue_is_down_) return;
  const bool uncommitted = write_model_.uncommitted() > 0;
  if (PollOnce(uncommitted ? SteadyNow() + options_.idle_commit : absl::InfiniteFuture()) || !uncommitted) return;
  if (const absl::Status status = write_model_.Commit(); !status.ok()) {
    Log(LogLevel::kWarning, "write model could not be committed: folding again from its last commit",
        {{"error", status}});
    caught_up_ = false;
  }
}

void Sequencer::RunBatch() {
  Batch batch;
  BatchState state(write_model_);
  TakeFrom(commands_, state, batch);
  TakeFrom(rows_, state, batch);
  NoteWaiting();
  if (batch.items.empty()) return;
  const auto while_waiting = [&] { PollWhileWaiting(); };
  const absl::Time began = SteadyNow();
  absl::StatusOr<std::vector<event_log::RecordLocation>> locations = std::vector<event_log::RecordLocation>();
  if (!batch.records.empty()) {
    locations = appender_->Append(batch.records, while_waiting);
  } else if (const absl::Status proof = appender_->ProveLead(while_waiting); !proof.ok()) {
    locations = proof;
  }
  if (!locations.ok()) return FailBatch(std::move(batch), locations.status());
  for (const auto& [index, span] : std::exchange(batch.spans, {})) {
    const event_log::RecordLocation& location = (*locations)[index];
    options_.log_tracer.Sent(*span, location.partition, location.offset, batch.records.size());
  }
  metrics_.BatchDone(batch.items.size(), batch.events.size(), SteadyNow() - began);
  const std::string token = TokenAfter(*locations);
  folding_.emplace(Folding{std::move(batch), *std::move(locations), absl::OkStatus()});
  if (folding_->batch.events.size() >= kManyEvents) {
    helper_.Start([this] { FoldBatch(*folding_); });
    AnswerBatch(folding_->batch, folding_->locations, token);
  } else {
    AnswerBatch(folding_->batch, folding_->locations, token);
    FoldBatch(*folding_);
    FinishFold();
  }
}

void Sequencer::TakeFrom(std::deque<Waiting>& queue, BatchState& state, Batch& batch) {
  const absl::Time now = SteadyNow();
  for (int taken = 0; taken < options_.max_batch_commands && !queue.empty(); ++taken) {
    if (batch.bytes >= static_cast<size_t>(options_.max_batch_bytes)) return;
    const Waiting waiting = queue.front();
    queue.pop_front();
    if (waiting.command->deadline() <= now) {
      waiting.command->Refuse(DeadlinePassed());
      continue;
    }
    metrics_.Decided(now - waiting.since);
    batch.items.push_back(DecideItem(waiting, state, batch));
  }
}

Sequencer::Item Sequencer::DecideItem(const Waiting& waiting, BatchState& state, Batch& batch) {
  Item item{.waiting = waiting};
  const Command command = waiting.command->command();
  absl::StatusOr<Decision> decision = Decide(command, state, NextStamp(batch));
  if (!decision.ok()) {
    item.refusal = decision.status();
  } else if (auto* repeated = std::get_if<Repeated>(&*decision)) {
    if (repeated->first.location) {
      item.answer = std::move(repeated->first);
    } else {
      item.event = batch.index_of_event.at(repeated->first.event_id);
    }
  } else {
    v1::UserEvent& event = std::get<Accepted>(*decision).event;
    if (IsValidateOnly(command)) {
      item.answer = RecordedCommand{.user = std::move(*event.mutable_user())};
      return item;
    }
    item.event = batch.events.size();
    batch.index_of_event[event.event_id()] = batch.events.size();
    batch.events.push_back(std::move(event));
    state.Add(batch.events.back());
    AddRecord(*waiting.command, batch);
  }
  return item;
}

// The record of the batch's last event. Where its trace is kept it carries the context of its append's own span.
void Sequencer::AddRecord(const PendingCommand& command, Batch& batch) {
  std::optional<tracing::TraceContext> trace = command.trace();
  if (trace) {
    if (std::unique_ptr<tracing::Span> span = options_.log_tracer.StartSend(*trace); span != nullptr) {
      trace = span->context();
      batch.spans.emplace_back(batch.records.size(), std::move(span));
    }
  }
  batch.records.push_back(
      user_event::WriteRecord(batch.events.back(), trace ? trace->traceparent : "", trace ? trace->tracestate : ""));
  batch.bytes += batch.records.back().value->size();
}

Stamp Sequencer::NextStamp(const Batch& batch) {
  // Never earlier than the event before, also when the machine's clock goes back.
  const absl::Time last =
      batch.events.empty() ? write_model_.last_occurred_at() : user_event::OccurredAt(batch.events.back());
  return {.event_id = uuids_.Next(),
          .new_user_id = uuids_.Next(),
          .sequence = write_model_.last_sequence() + static_cast<int64_t>(batch.events.size()) + 1,
          .occurred_at = std::max(clock_.Now(), last)};
}

// Of the position that holds all that was folded, and what was appended since.
std::string Sequencer::TokenAfter(const std::vector<event_log::RecordLocation>& appended) const {
  Position position = write_model_.checkpoint().position;
  for (const event_log::RecordLocation& location : appended) {
    int64_t& next_offset = position.next_offsets.at(location.partition);
    next_offset = std::max(next_offset, location.offset + 1);
  }
  return EncodeConsistencyToken(position);
}

void Sequencer::AnswerBatch(const Batch& batch, const std::vector<event_log::RecordLocation>& locations,
                            const std::string& token) {
  const std::string no_token;
  size_t refused = 0;
  for (const Item& item : batch.items) {
    if (item.waiting.command == nullptr) continue;
    if (!item.refusal.ok()) {
      ++refused;
      item.waiting.command->Refuse(item.refusal);
    } else if (item.event) {
      const v1::UserEvent& event = batch.events[*item.event];
      item.waiting.command->Answer({event.user(), event.event_id(), locations[*item.event], token});
    } else {
      Send(*item.waiting.command, *item.answer, item.answer->location ? token : no_token);
    }
  }
  metrics_.Refused(refused);
}

// May run beside AnswerBatch and what comes in after it: they only read the batch. Its items it must not look at, since
// who was answered is gone.
void Sequencer::FoldBatch(Folding& folding) {
  const Batch& batch = folding.batch;
  // Set where a decision could not read it.
  absl::Status status = write_model_.fault();
  for (size_t i = 0; i < batch.events.size() && status.ok(); ++i) {
    status = write_model_.Apply(batch.events[i], folding.locations[i]).status();
    if (status.ok()) {
      write_model_.Advance(folding.locations[i],
                           event_log::RecordChecksum(batch.records[i].key, batch.records[i].value));
    }
  }
  if (status.ok() && write_model_.uncommitted() >= options_.commit_events) status = write_model_.Commit();
  folding.outcome = std::move(status);
}

void Sequencer::FinishFold() {
  const absl::Status folded = std::exchange(folding_, std::nullopt)->outcome;
  if (folded.ok()) return;
  Log(LogLevel::kWarning, "write model could not be used: folding again from its last commit", {{"error", folded}});
  caught_up_ = false;
}

// --- When the log fails ----------------------------------------------------------------------------------------------

void Sequencer::FailBatch(Batch batch, const absl::Status& error) {
  const event_log::AppendFailure failure = event_log::FailureOf(error);
  metrics_.BatchFailed(failure);
  {
    // One of those that it concerns.
    const LogTraceId trace_id(batch.spans.empty() ? "" : batch.spans.front().second->context().trace_id());
    Log(LogLevel::kWarning, "append failed",
        {{"error", error}, {"commands", batch.items.size()}, {"events", batch.events.size()}});
  }
  for (const auto& [index, span] : std::exchange(batch.spans, {}))
    span->SetFailed(absl::StatusCodeToString(error.code()));
  if (failure == event_log::AppendFailure::kUnavailable || failure == event_log::AppendFailure::kTooLarge) {
    const absl::Status refusal = failure == event_log::AppendFailure::kUnavailable
                                     ? LogUnavailable()
                                     : absl::InternalError("the log refused a batch as too large");
    for (const Item& item : batch.items) item.waiting.command->Refuse(refusal);
    return;
  }
  appender_.reset();
  caught_up_ = false;
  in_doubt_may_be_recorded_ = failure == event_log::AppendFailure::kUnknown && !batch.events.empty();
  in_doubt_ = std::move(batch);
}

absl::Status Sequencer::StandBy() {
  standing_by_ = true;
  const absl::Cleanup no_longer = [this] { standing_by_ = false; };
  RefuseAll(NotLeader(candidacy_->Leader()));
  Retire(std::move(fold_), std::move(appender_));
  if (candidacy_ == nullptr) return absl::OkStatus();
  ROSTER_RETURN_IF_ERROR(write_model_.Rollback());
  Log(LogLevel::kInfo, "standing by");
  Standby standby(log_, write_model_, [this] { waker_.Wake(); });
  // Whatever changes wakes the queue.
  while (!queue_is_down_ && !stopping() && !Elected() && !standby.ended() && candidacy_->Problem().ok()) {
    PollOnce(absl::InfiniteFuture());
    ever_caught_up_ |= standby.caught_up();
  }
  absl::StatusOr<std::unique_ptr<Fold>> fold;
  Block([&] { fold = standby.Stop(); });
  ROSTER_ASSIGN_OR_RETURN(fold_, std::move(fold));
  return absl::OkStatus();
}

void Sequencer::Block(absl::FunctionRef<void()> call) {
  const absl::Time since = SteadyNow();
  absl::Time told_at = since;
  helper_.Run(call, [&] {
    PollWhileWaiting();
    if (Elected() && SteadyNow() - since > options_.pass_on_after) {
      Log(LogLevel::kWarning, "elected to lead, but kept from it: passing the lead on",
          {{"seconds", absl::ToInt64Seconds(SteadyNow() - since)}});
      candidacy_.reset();
    }
    if (SteadyNow() - told_at < kTellEvery) return;
    told_at = SteadyNow();
    Log(LogLevel::kWarning, "waiting for the log", {{"seconds", absl::ToInt64Seconds(told_at - since)}});
  });
}

void Sequencer::AwaitRetired() {
  if (retiring_.joinable()) Block([&] { retiring_.join(); });
}

void Sequencer::Retire(std::unique_ptr<Fold> fold, std::unique_ptr<event_log::Appender> appender) {
  if (fold == nullptr && appender == nullptr) return;
  AwaitRetired();
  retiring_ = std::thread([fold = std::move(fold), appender = std::move(appender)]() mutable {
    fold.reset();
    appender.reset();
  });
}

absl::Status Sequencer::CatchUp() {
  const auto still_elected = [&] { return KeepWaiting() && Elected(); };
  if (appender_ == nullptr) {
    // The last one may hold a lock.
    AwaitRetired();
    if (candidacy_ == nullptr) return absl::OkStatus();
    ROSTER_ASSIGN_OR_RETURN(appender_, candidacy_->Lead(still_elected));
  }
  ROSTER_RETURN_IF_ERROR(FoldToEnd(still_elected));
  caught_up_ = ever_caught_up_ = true;
  backoff_.Reset();
  ResolveInDoubt();
  SetServing(!stopping());
  return absl::OkStatus();
}

absl::Status Sequencer::FoldToEnd(absl::FunctionRef<bool()> keep_going) {
  std::unique_ptr<Fold> fold = std::move(fold_);
  // A fold that goes on has passed events that are not committed yet.
  if (fold == nullptr || !write_model_.fault().ok()) {
    Retire(std::move(fold), nullptr);
    ROSTER_RETURN_IF_ERROR(write_model_.Rollback());
    ROSTER_ASSIGN_OR_RETURN(fold, OpenFold());
  }
  const absl::Status folded = fold->ToEnd(keep_going);
  Retire(std::move(fold), nullptr);
  return folded;
}

absl::StatusOr<std::unique_ptr<Fold>> Sequencer::OpenFold() {
  absl::StatusOr<std::unique_ptr<Fold>> fold;
  Block([&] {
    fold = Fold::Open(log_, write_model_, [&](const v1::UserEvent& event, const event_log::RecordLocation& location) {
      if (in_doubt_ && in_doubt_->index_of_event.contains(event.event_id()))
        in_doubt_->found[event.event_id()] = location;
    });
  });
  return fold;
}

// An append is all or nothing: either all events of the batch were found on the log, or none.
void Sequencer::ResolveInDoubt() {
  if (!in_doubt_) return;
  Batch batch = *std::exchange(in_doubt_, std::nullopt);
  Log(LogLevel::kInfo, "outcome of a lost append settled by the log",
      {{"events", batch.events.size()}, {"recorded", batch.found.size()}});
  if (batch.found.empty()) {
    for (auto item = batch.items.rbegin(); item != batch.items.rend(); ++item) {
      if (item->waiting.command != nullptr) commands_.push_front(item->waiting);
    }
    return;
  }
  std::vector<event_log::RecordLocation> locations;
  for (const v1::UserEvent& event : batch.events) locations.push_back(batch.found.at(event.event_id()));
  AnswerBatch(batch, locations, TokenAfter(locations));
}

void Sequencer::WaitBeforeRetry(const absl::Status& error) {
  const absl::Duration wait = backoff_.Next();
  if (!stopping()) {
    metrics_.LeadRetried();
    Log(LogLevel::kWarning, "cannot take the lead of the log yet",
        {{"error", error}, {"retry_in_ms", absl::ToInt64Milliseconds(wait)}});
  }
  const absl::Time until = SteadyNow() + wait;
  while (SteadyNow() < until && !stopping() && !queue_is_down_) {
    PollOnce(std::min(until, SteadyNow() + kExpiryInterval));
    PollWhileWaiting();
  }
}

absl::Status Sequencer::Close() {
  RefuseAll(ShuttingDown());
  return write_model_.Close();
}

}  // namespace roster::command
