#include "tests/property/folds.h"

#include <filesystem>
#include <memory>

#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "command-service/fold.h"
#include "command-service/write_model.h"
#include "event-log/read_records_for_test.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "projector/fold_step.h"
#include "read-model/reader.h"
#include "tests/property/command_source.h"

namespace roster::test {
namespace {

namespace fs = std::filesystem;
using google::protobuf::util::MessageDifferencer;

constexpr char kBootId[] = "boot";

void ExpectUser(const std::optional<v1::User>& user, const v1::User& expected) {
  ASSERT_TRUE(user.has_value()) << expected.user_id();
  EXPECT_TRUE(MessageDifferencer::Equals(*user, expected))
      << user->ShortDebugString() << "\nexpected " << expected.ShortDebugString();
}

void ExpectSame(command::WriteModel& write_model, const UserModel& model, bool requests) {
  for (const auto& [user_id, expected] : model.users()) {
    ExpectUser(write_model.FindUser(user_id).value(), expected);
  }
  const std::map<std::string, std::string> owners = model.EmailOwners();
  for (const std::string& address : CommandSource::Addresses()) {
    const auto owner = owners.find(address);
    EXPECT_EQ(write_model.FindEmailOwner(address).value().value_or("nobody"),
              owner == owners.end() ? "nobody" : owner->second)
        << address;
  }
  EXPECT_EQ(write_model.last_sequence(), model.events());
  if (!requests) return;
  for (const auto& [request_id, outcome] : model.requests()) {
    const auto recorded = write_model.FindRequest(request_id).value();
    ASSERT_TRUE(recorded.has_value()) << request_id;
    EXPECT_EQ(recorded->event_id, outcome.event_id);
    ExpectUser(recorded->user, outcome.user);
  }
}

std::unique_ptr<command::WriteModel> OpenWriteModel(const std::string& path) {
  return command::WriteModel::Open(path, kBootId).value();
}

// The read model's own answers.
class ReadModelView {
 public:
  explicit ReadModelView(const read_model::Folder& folder) : reader_(folder), snapshot_(reader_.Begin().value()) {}

  void ExpectSame(const UserModel& model) {
    for (const auto& [user_id, expected] : model.users()) ExpectUser(Parse(snapshot_.FindUser(user_id)), expected);
    const std::map<std::string, std::string> owners = model.EmailOwners();
    for (const std::string& address : CommandSource::Addresses()) {
      const std::optional<v1::User> user = Parse(snapshot_.FindUserByEmail(address));
      const auto owner = owners.find(address);
      EXPECT_EQ(user ? user->user_id() : "nobody", owner == owners.end() ? "nobody" : owner->second) << address;
    }
    std::map<int, int64_t> counts;
    for (const auto& [user_id, user] : model.users()) ++counts[user.status()];
    std::map<int, int64_t> counted = snapshot_.CountUsers().value();
    std::erase_if(counted, [](const auto& count) { return count.second == 0; });
    EXPECT_EQ(counted, counts);
  }
  const Position& position() const { return snapshot_.head().position; }

 private:
  static std::optional<v1::User> Parse(const absl::StatusOr<std::optional<read_model::UserRow>>& row) {
    if (!row.value()) return std::nullopt;
    v1::User user;
    EXPECT_TRUE(user.ParseFromArray((*row)->user.data(), static_cast<int>((*row)->user.size())));
    return user;
  }

  read_model::Reader reader_;
  read_model::Snapshot snapshot_;
};

Position PositionOf(const read_model::Folder& folder) {
  read_model::Reader reader(folder);
  const auto snapshot = reader.Begin();
  return snapshot.ok() ? snapshot->head().position : Position{};
}

Position EndOf(event_log::EventLog& log) {
  const event_log::LogIdentity identity = log.ReadIdentity().value().value();
  Position end = StartOf(identity.log_id, identity.partitions);
  event_log::ReadRecords(log, [&](const event_log::RecordView& record) {
    end.next_offsets[record.location.partition] = record.location.offset + 1;
  });
  return end;
}

}  // namespace

void CopyFiles(const std::string& path, const std::string& folder) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  const fs::path prefix(path);
  for (const auto& entry : fs::directory_iterator(prefix.parent_path())) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name.rfind(prefix.filename().string(), 0) == 0) {
      fs::copy_file(entry.path(), fs::path(folder) / name);
    }
  }
}

void PutFilesBack(const std::string& folder, const std::string& path) {
  const fs::path prefix(path);
  std::vector<fs::path> present;
  for (const auto& entry : fs::directory_iterator(prefix.parent_path())) {
    const bool own = entry.path().filename().string().rfind(prefix.filename().string(), 0) == 0;
    if (entry.is_regular_file() && own) present.push_back(entry.path());
  }
  for (const fs::path& file : present) fs::remove(file);
  for (const auto& entry : fs::directory_iterator(folder)) {
    fs::copy_file(entry.path(), prefix.parent_path() / entry.path().filename());
  }
}

void ExpectWriteModelFile(const std::string& path, const UserModel& model, bool requests) {
  const auto write_model = OpenWriteModel(path);
  ExpectSame(*write_model, model, requests);
}

void ExpectWriteModel(event_log::EventLog& log, const UserModel& model, bool requests, Random& random) {
  const TempDir dir, copies;
  const std::string path = dir.File("write-model.db");
  const std::string copy = copies.File("copy");
  auto write_model = OpenWriteModel(path);
  bool copied = false;
  for (int restarts = random.Below(4); restarts > 0; --restarts) {
    auto fold = command::Fold::Open(log, *write_model, [](const auto&, const auto&) {}).value();
    ASSERT_TRUE(fold->Step(absl::ZeroDuration()).ok());
    // What is rolled back, or not committed by a process that ends, is folded once more.
    fold.reset();
    if (random.OneIn(2)) {
      ASSERT_TRUE(write_model->Commit().ok());
    }
    if (random.OneIn(3)) {
      ASSERT_TRUE(write_model->Rollback().ok());
    } else if (random.OneIn(2)) {
      ASSERT_TRUE(write_model->Close().ok());
    }
    write_model.reset();
    if (copied && random.OneIn(2)) PutFilesBack(copy, path);
    CopyFiles(path, copy);
    copied = true;
    write_model = OpenWriteModel(path);
  }
  auto fold = command::Fold::Open(log, *write_model, [](const auto&, const auto&) {}).value();
  ASSERT_TRUE(fold->ToEnd([] { return true; }).ok());
  ExpectSame(*write_model, model, requests);
  EXPECT_EQ(write_model->checkpoint().position, EndOf(log));
  ASSERT_TRUE(write_model->Close().ok());
  ExpectWriteModelFile(path, model, requests);
}

void ExpectReadModel(event_log::EventLog& log, const UserModel& model, Random& random) {
  const TempDir dir, copies;
  const read_model::Folder folder(dir.File("read-model"));
  const FakeClock clock;
  const Position end = EndOf(log);
  projector::FoldOptions options;
  options.batch_records = 1 + random.Below(60);
  metrics::Registry registry;
  projector::FoldMetrics metrics(registry, clock);
  std::unique_ptr<projector::FoldStep> step;
  int rollbacks = 2;
  bool copied = false;
  while (PositionOf(folder) != end) {
    if (step == nullptr || random.OneIn(10)) {
      step.reset();
      if (copied && rollbacks > 0 && random.OneIn(3)) {
        --rollbacks;
        PutFilesBack(copies.File("copy"), folder.path() + "/");
      } else if (fs::exists(folder.path()) && random.OneIn(2)) {
        CopyFiles(folder.path() + "/", copies.File("copy"));
        copied = true;
      }
      fs::create_directories(folder.path());
      step = std::make_unique<projector::FoldStep>(options, log, folder, clock, nullptr, metrics);
    }
    step->Interrupt();
    const absl::Status status = step->Run();
    ASSERT_TRUE(status.ok()) << status;
  }
  ReadModelView view(folder);
  view.ExpectSame(model);
  EXPECT_EQ(view.position(), end);
}

}  // namespace roster::test
