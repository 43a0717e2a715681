#ifndef ROSTER_EVENT_LOG_EVENT_LOG_H_
#define ROSTER_EVENT_LOG_EVENT_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/position.h"

// The port: what Roster asks of a log. Two adapters stand behind it, embedded/ (one SQLite file) and kafka/ (a topic),
// and one contract suite (contract_suite.h) runs over both. The log knows bytes; what they mean is said in user-event/.
namespace roster::event_log {

struct Header {
  std::string key;
  std::string value;

  friend bool operator==(const Header&, const Header&) = default;
};

// A record to append. `key` decides the partition (murmur2, as the Java clients do); one without a key goes to
// partition 0.
struct Record {
  // Absent only in a copy of what an outsider has written: Roster's own records have both.
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<Header> headers;
};

// Where a record stands.
struct RecordLocation {
  int32_t partition = 0;
  int64_t offset = 0;

  friend bool operator==(const RecordLocation&, const RecordLocation&) = default;
};

struct HeaderView {
  absl::string_view key;
  absl::string_view value;
};

// A record as read. All views are valid only during the call of the handler that it was given to.
struct RecordView {
  RecordLocation location;
  // Absent where the record has no key or no value (a tombstone): what outsiders may put on a topic.
  std::optional<absl::string_view> key;
  std::optional<absl::string_view> value;
  absl::Span<const HeaderView> headers;
};

// Checksum over key and value, as a Checkpoint keeps it. The same on every machine and for both adapters.
uint64_t RecordChecksum(std::optional<absl::string_view> key, std::optional<absl::string_view> value);

// What the log's genesis record says.
struct LogIdentity {
  // A UUID, made with the log.
  std::string log_id;
  int partitions = 1;

  friend bool operator==(const LogIdentity&, const LogIdentity&) = default;
};

// How an append failed: what of its batch is on the log, and what to do then. In brackets, the code that Appender's
// calls return.
//
// - kFenced (ABORTED): refused before commit: another writer has taken the lead, or this one lost its session.
//   Nothing of the batch is on the log. Lead again.
// - kUnknown (UNKNOWN): fenced, timed out or failed *at* commit: all of the batch is on the log, or none of it.
//   Only reading the log to its end, after leading again, tells.
// - kUnavailable (UNAVAILABLE): nothing of the batch is on the log.
//   The same appender may try again.
// - kTooLarge (RESOURCE_EXHAUSTED): the log refuses a record or a batch of this size.
//   Nothing of it is on the log.
enum class AppendFailure { kFenced, kUnknown, kUnavailable, kTooLarge };

// The failure that an error from an Appender stands for; codes that are none of the four count as kUnknown.
AppendFailure FailureOf(const absl::Status& status);

// The right to write: at most one holder can append, however many believe they lead.
//
// Thread safety: one thread. After kFenced or kUnknown an appender is spent: destroy it and lead again.
class Appender {
 public:
  virtual ~Appender() = default;

  // Appends all of `records` in order, or none, and returns where each stands once all are durable. Fails as
  // AppendFailure says. While it waits it calls `while_waiting` again and again, a few hundred times a second at
  // least; a few records written to a file are not worth it, and are written without.
  virtual absl::StatusOr<std::vector<RecordLocation>> Append(absl::Span<const Record> records,
                                                             absl::FunctionRef<void()> while_waiting) = 0;

  // Proves that at some moment during the call this appender held the lead: so that what was decided without an event
  // did not rest on an outdated state. Fails as Append does.
  virtual absl::Status ProveLead(absl::FunctionRef<void()> while_waiting) = 0;
};

// A program's standing for the lead of a log that several could write. It says who should lead, so that they take
// turns; what keeps two from writing is the Appender alone.
//
// Thread safety: safe from any thread, but for Lead, which one thread calls at a time. Withdraws when it is destroyed:
// the lead then passes on at once, where there is another candidate. The last Appender may go before or after it.
class Candidacy {
 public:
  virtual ~Candidacy() = default;

  // Whether this program should lead at present, as far as it has heard: also where it led, and no longer hears from
  // those who elect.
  virtual bool Elected() const = 0;

  // The address that the leader advertised, as far as it is known; empty where it is not, or is this program's own.
  virtual std::string Leader() const = 0;

  // FAILED_PRECONDITION where this program can never be elected as things are; says what to do.
  virtual absl::Status Problem() const = 0;

  // As EventLog::Lead, and tells the other candidates the address. ABORTED: not, or no longer, the elected one; whether
  // it is is asked of those who elect, so that one who was away for long does not depose its successor.
  virtual absl::StatusOr<std::unique_ptr<Appender>> Lead(absl::FunctionRef<bool()> keep_waiting) = 0;
};

struct CandidacyOptions {
  // HOST:PORT at which clients reach this program.
  std::string address;
  // Called where Elected or Problem may have changed, from a thread of the log's. Must return soon and not call back.
  std::function<void()> on_change = [] {};
};

// What one Poll of a Reader brought.
struct PollResult {
  // Records handed to the handler.
  int records = 0;
  // Set where the end of the log was reached: every record that was committed before this time, and before the call
  // returned, has been handed over by this reader. Never set for a log without its genesis record.
  std::optional<absl::Time> complete_as_of;
};

// Reads committed records, in order within each partition, each once, from where it was opened.
//
// Thread safety: one thread, but for Interrupt.
class Reader {
 public:
  virtual ~Reader() = default;

  using RecordHandler = absl::FunctionRef<void(const RecordView&)>;

  // Hands at most `max_records` to `handler`. Waits up to `timeout` for the first one; returns sooner when records, an
  // Interrupt, or for the first time the end of the log come. With a timeout of zero it only looks.
  // UNAVAILABLE: the log cannot be read just now; poll again later. FAILED_PRECONDITION: the log is not the one that
  // was being read (recreated, partitions added, truncated); DATA_LOSS: it is damaged, the message says where. After
  // these two, or any other code, the reader is of no further use.
  virtual absl::StatusOr<PollResult> Poll(int max_records, absl::Duration timeout, RecordHandler handler) = 0;

  // Ends the present Poll, or the next one. From any thread.
  virtual void Interrupt() = 0;

  // From now on the end that is told is one that was looked for after this call. For who has just taken the lead: what
  // the writers before it had recorded is there, and the clock may be wrong.
  virtual void LookForEndAnew() {}

  // For each partition, where the next record would stand, as far as this reader has heard: asks nobody, and may be a
  // little behind. Kafka's commit markers count. Empty where it has not heard.
  virtual std::vector<int64_t> KnownEndOffsets() { return {}; }

  // Tells lag tools how far a fold has come: commits `position` to the consumer group named in the log's settings.
  // Kafka only; nothing elsewhere. Best effort, after the fact: nobody reads it back.
  virtual void ReportProgress(const Position& position) {}
};

// A log. Made by OpenEventLog (open_event_log.h).
//
// Thread safety: its calls are safe from any thread. The log must outlive its readers and appenders.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // What the genesis record says; absent while the log has no record at all. FAILED_PRECONDITION where the log has
  // records but no genesis record: it is not one of Roster's. UNAVAILABLE where it cannot be read just now.
  virtual absl::StatusOr<std::optional<LogIdentity>> ReadIdentity() = 0;

  // Takes the lead: when it returns, no earlier appender of this log can append any more, in this or any process, and
  // whatever they had under way is on the log or never will be. Writes the genesis record into a log without records.
  // Waits as long as that takes, calling `keep_waiting` a few times a second, and gives up with CANCELLED once that
  // returns false. FAILED_PRECONDITION: the log cannot be written by this program as things are; the message says what
  // to do (the embedded log is locked by another process, the topic has settings that would lose events).
  virtual absl::StatusOr<std::unique_ptr<Appender>> Lead(absl::FunctionRef<bool()> keep_waiting) = 0;

  // Stands for the lead. Waits until it can, with `keep_waiting` as in Lead, and the same errors. The log must outlive
  // the candidacy. Where the log has one writer by a lock, as the embedded one, this program is the elected one.
  virtual absl::StatusOr<std::unique_ptr<Candidacy>> Stand(const CandidacyOptions& options,
                                                           absl::FunctionRef<bool()> keep_waiting);

  // A reader of all records from `from` on; with an empty `from.position`, from the log's first record. Compares the
  // log with the identity and checksums in `from`: FAILED_PRECONDITION where it is another log, or ends before `from`.
  virtual absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const Checkpoint& from) = 0;

  // For each partition there is at present, where the next record would stand: about how much there is to read. Empty
  // where there is no log yet. More partitions than the identity says where somebody has added some: then there are no
  // readers of the whole log any more, since a user's events are no longer all on one partition.
  virtual absl::StatusOr<std::vector<int64_t>> ReadEndOffsets() = 0;

  // The SQLite file that holds the log, for those who watch its size; empty where it is none.
  virtual std::string DatabasePath() const { return ""; }

  // A reader of one partition alone, from the record `from` on, to that partition's end. For tools that read partitions
  // side by side. FAILED_PRECONDITION: the log's id is not `log_id`; INVALID_ARGUMENT: `from` is no place on the log.
  virtual absl::StatusOr<std::unique_ptr<Reader>> OpenPartitionReader(const std::string& log_id,
                                                                      RecordLocation from) = 0;

  // Copies a record that could not be folded to the log's dead-letter topic, with `headers` added: at least once,
  // durable when it returns. Kafka only; elsewhere it does nothing.
  virtual absl::Status CopyToDeadLetterTopic(const Record& record) { return absl::OkStatus(); }
};

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_EVENT_LOG_H_
