#ifndef ROSTER_QUERY_SERVICE_WATCH_FOR_TEST_H_
#define ROSTER_QUERY_SERVICE_WATCH_FOR_TEST_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::query_service {

// An open watch.
class Watch {
 public:
  Watch(v1::UserQueryService::Stub& stub, const std::string& resume_token = "", const std::string& read_after = "") {
    v1::WatchUsersRequest request;
    request.set_resume_token(resume_token);
    request.set_read_after(read_after);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    stream_ = stub.WatchUsers(&context_, request);
  }
  ~Watch() {
    context_.TryCancel();
    if (stream_ != nullptr) Finish();
  }

  std::optional<v1::WatchUsersResponse> Next() {
    v1::WatchUsersResponse message;
    if (!stream_->Read(&message)) return std::nullopt;
    return message;
  }
  // user_id of the next user; "synced" or "idle" where that message is next; "end" where there is none.
  std::string NextName() {
    while (names_.empty()) {
      const auto message = Next();
      if (!message) return "end";
      if (message->has_synced()) return "synced";
      if (message->has_idle()) return "idle";
      for (const v1::User& user : message->users()) names_.push_back(user.user_id());
    }
    const std::string name = names_.front();
    names_.pop_front();
    return name;
  }
  // The token of the message that says that all has been sent.
  std::string TokenWhenSynced() {
    for (;;) {
      const auto message = Next();
      if (!message) return "";
      if (message->has_synced()) return message->resume_token();
    }
  }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() {
    v1::WatchUsersResponse message;
    while (stream_->Read(&message)) {
    }
    const grpc::Status status = stream_->Finish();
    stream_ = nullptr;
    return status;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchUsersResponse>> stream_;
  // Of the last message, those not given yet.
  std::deque<std::string> names_;
};

// What a client knows of the users, from a watch.
struct Mirror {
  void Take(const v1::WatchUsersResponse& message) {
    token = message.resume_token();
    for (const v1::User& user : message.users()) {
      v1::User& known = users[user.user_id()];
      went_back = went_back || user.version() < known.version();
      known = user;
    }
  }
  void ExpectSame(const std::map<std::string, v1::User>& expected) const {
    for (const auto& [user_id, user] : expected) {
      const auto known = users.find(user_id);
      ASSERT_TRUE(known != users.end()) << user_id;
      ASSERT_EQ(known->second.SerializeAsString(), user.SerializeAsString()) << user_id;
    }
  }
  std::string token;
  std::map<std::string, v1::User> users;
  bool went_back = false;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WATCH_FOR_TEST_H_
