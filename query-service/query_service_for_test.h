#ifndef ROSTER_QUERY_SERVICE_QUERY_SERVICE_FOR_TEST_H_
#define ROSTER_QUERY_SERVICE_QUERY_SERVICE_FOR_TEST_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/doorbell.h"
#include "base/temp_dir.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "query-service/query_service.h"
#include "read-model/folder.h"
#include "read-model/writer.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/error_details_for_test.h"

namespace roster::query_service {

inline constexpr char kLogId[] = "0190a000-0000-7000-8000-000000000001";
inline const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

// Stands in for the projector: folds events into a read model, and rings.
class TestProjector {
 public:
  explicit TestProjector(std::string folder, int partitions = 1, int64_t generation = 1)
      : folder_(std::move(folder)), partitions_(partitions), generation_(generation) {
    std::filesystem::create_directories(folder_.path());
    writer_ = read_model::Writer::Open(folder_.DatabasePath(generation)).value();
    doorbell_ = Doorbell::Open(folder_.DoorbellPath()).value();
    checkpoint_.position = StartOf(kLogId, partitions);
    checkpoint_.last_checksums.assign(partitions, 0);
  }

  read_model::Writer& writer() { return *writer_; }
  const Position& position() const { return checkpoint_.position; }
  int64_t next_sequence() const { return sequence_ + 1; }

  void MakeCurrent() {
    ASSERT_TRUE(folder_.SetCurrentGeneration(generation_).ok());
    doorbell_->Ring();
  }

  // One transaction.
  void Commit(const std::function<void()>& changes, bool fresh = true) {
    CommitWithoutRinging(changes, fresh);
    doorbell_->Ring();
  }
  // As one whose ring is lost with the projector.
  void CommitWithoutRinging(const std::function<void()>& changes, bool fresh = true) {
    ASSERT_TRUE(writer_->Begin().ok());
    changes();
    ASSERT_TRUE(writer_->SetCheckpoint(checkpoint_).ok());
    if (fresh) {
      ASSERT_TRUE(writer_->SetFreshAsOf(kStart + absl::Seconds(sequence_)).ok());
    }
    ASSERT_TRUE(writer_->Commit().ok());
  }

  int PartitionOf(const std::string& user_id) const {
    return static_cast<int>(std::hash<std::string>()(user_id) % partitions_);
  }

  // Within a Commit: the user's next event.
  void Put(const std::string& user_id, const std::string& email, v1::UserStatus status = v1::USER_STATUS_ACTIVE,
           int64_t created_s = 0) {
    v1::User& user = users_[user_id];
    const bool is_new = user.version() == 0;
    user.set_user_id(user_id);
    user.set_email(email);
    user.set_display_name(absl::StrCat("User ", user_id));
    user.set_status(status);
    user.set_version(user.version() + 1);
    ++sequence_;
    if (is_new) user.mutable_create_time()->set_seconds(1'700'000'000 + (created_s != 0 ? created_s : sequence_));
    v1::UserEvent event;
    event.set_event_id(absl::StrCat("event-", sequence_));
    event.set_sequence(sequence_);
    event.set_user_id(user_id);
    event.set_user_version(user.version());
    *event.mutable_user() = user;
    event.mutable_updated();
    const int partition = PartitionOf(user_id);
    int64_t& next = checkpoint_.position.next_offsets[partition];
    ASSERT_EQ(writer_->Apply(event, partition, next, kStart + absl::Seconds(sequence_)).value(),
              read_model::Applied::kYes);
    ++next;
  }
  void Delete(const std::string& user_id) { Put(user_id, users_[user_id].email(), v1::USER_STATUS_DELETED); }

  // Within a Commit: a record that could not be folded.
  void PutDeadLetter(std::optional<std::string> user_id) {
    const int partition = user_id ? PartitionOf(*user_id) : 0;
    int64_t& next = checkpoint_.position.next_offsets[partition];
    read_model::DeadLetter letter{
        .id = {.partition = partition, .offset = next++}, .user_id = std::move(user_id), .reason = "x"};
    ASSERT_TRUE(writer_->AddDeadLetter(letter, kStart).ok());
  }

  const std::map<std::string, v1::User>& users() const { return users_; }

 private:
  const read_model::Folder folder_;
  const int partitions_;
  const int64_t generation_;
  std::unique_ptr<read_model::Writer> writer_;
  std::unique_ptr<Doorbell> doorbell_;
  Checkpoint checkpoint_;
  int64_t sequence_ = 0;
  std::map<std::string, v1::User> users_;
};

using rpc::ReasonOf;

inline std::vector<std::string> BadFieldsOf(const grpc::Status& status) {
  std::vector<std::string> fields;
  const auto bad = rpc::DetailOf<google::rpc::BadRequest>(status).value_or(google::rpc::BadRequest());
  for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  return fields;
}

inline bool HasRetryInfo(const grpc::Status& status) {
  return rpc::DetailOf<google::rpc::RetryInfo>(status).has_value();
}

// The service in process on a read model in a temporary folder.
class QueryServiceTest : public testing::Test {
 protected:
  QueryServiceTest() {
    options_.server.listen = "127.0.0.1:0";
    options_.server.drain_timeout_ms = 5000;
    options_.read_model = dir_.File("read-model");
    options_.workers = 2;
    options_.watch_idle_ms = 60'000;
  }

  void Serve() {
    service_ = QueryService::Start(options_).value();
    stub_ = v1::UserQueryService::NewStub(grpc::CreateChannel(service_->address(), grpc::InsecureChannelCredentials()));
  }

  // Serves a read model that holds nobody yet and is ready.
  void ServeReady(int partitions = 1) {
    MakeProjector(partitions);
    Serve();
  }
  void MakeProjector(int partitions = 1) {
    projector_ = std::make_unique<TestProjector>(options_.read_model, partitions);
    projector_->Commit([] {});
    projector_->MakeCurrent();
  }

  // A deadline far beyond what any call takes.
  static void SetDeadline(grpc::ClientContext& context, absl::Duration timeout = absl::Seconds(60)) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }

  grpc::Status GetUser(const v1::GetUserRequest& request, v1::GetUserResponse* response,
                       absl::Duration timeout = absl::Seconds(60)) {
    grpc::ClientContext context;
    SetDeadline(context, timeout);
    return stub_->GetUser(&context, request, response);
  }

  static v1::GetUserRequest ById(const std::string& user_id, const std::string& read_after = "") {
    v1::GetUserRequest request;
    request.set_user_id(user_id);
    request.set_read_after(read_after);
    return request;
  }

  TempDir dir_;
  QueryServiceOptions options_;
  std::unique_ptr<TestProjector> projector_;
  std::unique_ptr<QueryService> service_;
  std::unique_ptr<v1::UserQueryService::Stub> stub_;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_QUERY_SERVICE_FOR_TEST_H_
