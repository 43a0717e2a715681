// The file of an embedded log, damaged: an input is a list of edits to the file of a log of known records, of its bytes
// and, through SQLite, of its rows. The log that is read then is one of these records from the first on, or there is an
// error: never a record that was not written, never one that is passed over.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "event-log/embedded/embedded_log.h"
#include "event-log/embedded/embedded_reader.h"
#include "event-log/embedded/record_table.h"
#include "event-log/genesis.h"
#include "tests/fuzz/fuzz.h"

namespace roster::event_log {
namespace {

constexpr int kRecords = 60;
constexpr int kMaxEdits = 16;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Has `records()`, of which the first is the genesis record.
class IntactLog {
 public:
  IntactLog() {
    Write();
    Read();
    SQLite::Database(path(), SQLite::OPEN_READWRITE).exec("PRAGMA journal_mode = DELETE");
    bytes_ = ReadFile(path());
  }

  std::string path() const { return dir_.File("log.db"); }
  const Clock& clock() const { return clock_; }
  const std::string& bytes() const { return bytes_; }
  const std::vector<Record>& records() const { return records_; }
  const Checkpoint& end() const { return end_; }

  bool IsRecord(const RecordView& record) const {
    const int64_t offset = record.location.offset;
    return offset >= 0 && offset < kRecords && record.key == records_[offset].key &&
           record.value == records_[offset].value;
  }

 private:
  void Write() {
    const auto appender = OpenEmbeddedLog(path(), clock_)->Lead([] { return true; }).value();
    std::vector<Record> records;
    for (int i = 1; i < kRecords; ++i) {
      records.push_back({absl::StrCat("user-", i % 7), std::string(100 + i % 5 * 60, 'a' + i % 26), {{"n", "v"}}});
    }
    FUZZ_CHECK(appender->Append(records, [] {}).ok());
  }
  void Read() {
    const auto log = OpenEmbeddedLog(path(), clock_);
    const auto reader = log->OpenReader({}).value();
    const auto add = [&](const RecordView& record) {
      records_.push_back({std::string(*record.key), std::string(*record.value), {}});
    };
    FUZZ_CHECK(reader->Poll(1000, absl::ZeroDuration(), add).ok());
    FUZZ_CHECK(records_.size() == kRecords);
    end_.position = StartOf(log->ReadIdentity().value()->log_id, 1);
    end_.position.next_offsets[0] = kRecords;
    end_.last_checksums = {RecordChecksum(records_.back().key, records_.back().value)};
  }

  TempDir dir_;
  FakeClock clock_;
  std::string bytes_;
  std::vector<Record> records_;
  Checkpoint end_;
};

void PutFile(const std::string& path, const std::string& bytes) {
  for (const char* suffix : {"-wal", "-shm", "-journal"}) std::filesystem::remove(path + suffix);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void EditBytes(fuzz::InputReader& reader, std::string& bytes) {
  const size_t at = reader.Short() % bytes.size();
  const std::string text = reader.Text();
  bytes.replace(at, std::min(text.size(), bytes.size() - at), text);
}

void BindAny(SQLite::Statement& statement, int index, fuzz::InputReader& reader) {
  switch (reader.Byte() % 5) {
    case 0:
      return statement.bind(index);
    case 1:
      return statement.bind(index, static_cast<int64_t>(reader.Int()));
    case 2:
      return statement.bind(index, static_cast<double>(reader.Int()));
    case 3:
      return statement.bind(index, reader.Text());
    default: {
      const std::string blob = reader.Text();
      return statement.bind(index, blob.data(), static_cast<int>(blob.size()));
    }
  }
}

// One row, by SQL; what SQLite refuses is left.
void EditRow(fuzz::InputReader& reader, const std::string& path, std::string& bytes) {
  static constexpr const char* kEdits[] = {
      "UPDATE OR IGNORE records SET key = ?2 WHERE offset = ?1",
      "UPDATE OR IGNORE records SET value = ?2 WHERE offset = ?1",
      "UPDATE OR IGNORE records SET headers = ?2 WHERE offset = ?1",
      "UPDATE OR IGNORE records SET checksum = ?2 WHERE offset = ?1",
      "UPDATE OR IGNORE records SET offset = ?2 WHERE offset = ?1",
      "DELETE FROM records WHERE offset = ?1 AND ?2 IS NOT 0",
      "INSERT OR IGNORE INTO records SELECT ?2, key, value, headers, checksum FROM records WHERE offset = ?1",
  };
  PutFile(path, bytes);
  try {
    SQLite::Database database(path, SQLite::OPEN_READWRITE);
    SQLite::Statement edit(database, kEdits[reader.Byte() % std::size(kEdits)]);
    edit.bind(1, reader.Byte());
    BindAny(edit, 2, reader);
    edit.exec();
  } catch (const SQLite::Exception&) {
  }
  bytes = ReadFile(path);
}

// Reads from the first record to the end or the first error.
void ReadAll(const IntactLog& intact, const std::string& path) {
  const auto table = RecordTable::Open(path, RecordTable::Mode::kRead);
  if (!table.ok()) return;
  int64_t next = 0;
  const auto check = [&](const RecordView& record) {
    FUZZ_CHECK(record.location.offset == next);
    FUZZ_CHECK(intact.IsRecord(record));
    ++next;
  };
  absl::StatusOr<int> records = 1;
  while (records.ok() && *records > 0) records = (*table)->Read(next, 7, check);
  FUZZ_CHECK(records.ok() || !records.status().message().empty());
}

// A fold that stands at the intact log's end finds its last record, or is told that this is not its log; there is
// nothing more for it.
void ReadOn(const IntactLog& intact, EventLog& log) {
  const auto reader = log.OpenReader(intact.end());
  if (!reader.ok()) return;
  const auto result = (*reader)->Poll(7, absl::ZeroDuration(), [](const RecordView&) {});
  FUZZ_CHECK(!result.ok() || result->records == 0);
}

// A writer that takes the damaged file adds behind what a reader sees.
void AppendOne(const IntactLog& intact, EventLog& log) {
  auto appender = log.Lead([] { return true; });
  if (!appender.ok()) return;
  const auto locations = (*appender)->Append({intact.records().back()}, [] {});
  FUZZ_CHECK(!locations.ok() || locations->size() == 1);
}

}  // namespace

ROSTER_FUZZER(embedded_log) {
  static const IntactLog intact;
  static const TempDir dir;
  const std::string path = dir.File("log.db");
  fuzz::InputReader reader(input);
  // Both are slow: the kernel takes its time to end a reader's watch of the doorbell file.
  const uint8_t way = reader.Byte() % 16;
  std::string bytes = intact.bytes();
  for (int edits = 0; !reader.empty() && !bytes.empty() && edits < kMaxEdits; ++edits) {
    switch (reader.Byte() % 4) {
      case 0:
        bytes.resize(reader.Short() % bytes.size());
        break;
      case 1:
        EditRow(reader, path, bytes);
        break;
      default:
        EditBytes(reader, bytes);
    }
  }
  PutFile(path, bytes);
  const auto identity = ReadEmbeddedIdentity(path);
  if (identity.ok() && *identity) FUZZ_CHECK((*identity)->log_id == intact.end().position.log_id);
  ReadAll(intact, path);
  auto log = OpenEmbeddedLog(path, intact.clock());
  if (way == 14) ReadOn(intact, *log);
  if (way == 15) AppendOne(intact, *log);
}

}  // namespace roster::event_log
