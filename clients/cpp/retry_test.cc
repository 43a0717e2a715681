#include "clients/cpp/retry.h"

#include <vector>

#include "absl/time/clock.h"
#include "base/error.h"
#include "base/fake_clock.h"
#include "clients/cpp/command_client.h"
#include "clients/cpp/fake_services.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::client {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// Records what a call waits for instead of waiting, and moves the clock on by it.
class RetryTest : public ::testing::Test {
 protected:
  RetryTest() {
    options_.clock = &clock_;
    options_.wait = [this](absl::Duration delay) {
      waits_.push_back(delay);
      clock_.Advance(delay);
    };
  }

  static std::shared_ptr<grpc::ChannelCredentials> Insecure() { return grpc::InsecureChannelCredentials(); }
  Endpoints Three() { return Endpoints("command service", {"a:1", "b:1", "c:1"}, Insecure()); }

  static absl::Status Failure(absl::StatusCode code, const std::string& reason,
                              std::map<std::string, std::string> metadata = {},
                              std::optional<absl::Duration> delay = std::nullopt) {
    return MakeError(code, "failed", {reason, std::move(metadata), {}, delay});
  }

  // Deadlines of gRPC's are by the machine's clock.
  FakeClock clock_{absl::Now()};
  CallOptions options_;
  std::vector<absl::Duration> waits_;
};

TEST_F(RetryTest, CallCutOffByAServerThatEndsIsRepeated) {
  Endpoints endpoints = Three();
  Retrier retrier(endpoints, options_);
  ASSERT_TRUE(retrier.AfterFailure(absl::CancelledError("CANCELLED")).ok());
  EXPECT_EQ(retrier.endpoint().address, "b:1");
  EXPECT_FALSE(IsRetryable(Failure(absl::StatusCode::kCancelled, "A_HANDLERS_OWN")));
}

TEST_F(RetryTest, UnreachableAddressesAreTriedInTurnBeforeAnyWait) {
  Endpoints endpoints = Three();
  Retrier retrier(endpoints, options_);
  const absl::Status cut = absl::UnavailableError("connection refused");
  EXPECT_EQ(retrier.endpoint().address, "a:1");
  ASSERT_TRUE(retrier.AfterFailure(cut).ok());
  EXPECT_EQ(retrier.endpoint().address, "b:1");
  ASSERT_TRUE(retrier.AfterFailure(cut).ok());
  EXPECT_EQ(retrier.endpoint().address, "c:1");
  EXPECT_TRUE(waits_.empty());
  ASSERT_TRUE(retrier.AfterFailure(cut).ok());
  EXPECT_EQ(retrier.endpoint().address, "a:1");
  EXPECT_THAT(waits_, SizeIs(1));
}

TEST_F(RetryTest, NotLeaderLeadsToTheAddressItNamesAlsoOneNotInTheList) {
  Endpoints endpoints = Three();
  Retrier retrier(endpoints, options_);
  ASSERT_TRUE(retrier.AfterFailure(Failure(absl::StatusCode::kUnavailable, "NOT_LEADER", {{"leader", "d:1"}})).ok());
  EXPECT_EQ(retrier.endpoint().address, "d:1");
  ASSERT_TRUE(retrier.AfterFailure(absl::UnavailableError("gone")).ok());
  EXPECT_EQ(retrier.endpoint().address, "a:1");
}

TEST_F(RetryTest, RetryInfoGoesBeforeAShorterBackOff) {
  Endpoints endpoints("command service", {"a:1"}, Insecure());
  Retrier retrier(endpoints, options_);
  ASSERT_TRUE(
      retrier.AfterFailure(Failure(absl::StatusCode::kResourceExhausted, "OVERLOADED", {}, absl::Seconds(3))).ok());
  EXPECT_THAT(waits_, ElementsAre(absl::Seconds(3)));
}

TEST_F(RetryTest, BackOffGrowsToItsLimitAndEndsWithTheTimeout) {
  Endpoints endpoints("command service", {"a:1"}, Insecure());
  options_.timeout = absl::Seconds(30);
  Retrier retrier(endpoints, options_);
  const absl::Time start = clock_.Now();
  absl::Status status;
  while ((status = retrier.AfterFailure(absl::UnavailableError("refused"))).ok()) {
  }
  EXPECT_LE(clock_.Now() - start, absl::Seconds(30));
  EXPECT_GE(clock_.Now() - start, absl::Seconds(27));
  EXPECT_LE(waits_.front(), absl::Milliseconds(50));
  EXPECT_THAT(waits_, Each(::testing::Le(absl::Seconds(2))));
  EXPECT_EQ(GetErrorDetails(status)->reason, kUnreachable);
  EXPECT_EQ(GetErrorDetails(status)->metadata.at("addresses"), "a:1");
}

TEST_F(RetryTest, WhatRepeatingCannotCureIsFinalAtOnce) {
  Endpoints endpoints = Three();
  for (const absl::Status& failure :
       {Failure(absl::StatusCode::kAlreadyExists, "EMAIL_TAKEN"), Failure(absl::StatusCode::kInternal, "INTERNAL"),
        Failure(absl::StatusCode::kUnavailable, "HELD_BY_DEAD_LETTER"), absl::UnimplementedError("old server")}) {
    EXPECT_EQ(Retrier(endpoints, options_).AfterFailure(failure), failure);
  }
  EXPECT_TRUE(waits_.empty());
}

TEST_F(RetryTest, OneSilentAddressDoesNotTakeAllTheTime) {
  Endpoints endpoints = Three();
  Retrier retrier(endpoints, options_);
  EXPECT_EQ(retrier.AttemptDeadline(), clock_.Now() + absl::Seconds(5));
  clock_.Advance(absl::Seconds(5));
  ASSERT_TRUE(retrier.AfterFailure(absl::DeadlineExceededError("silent")).ok());
  EXPECT_EQ(retrier.endpoint().address, "b:1");
}

TEST_F(RetryTest, OneSilentAddressIsLeftAfterSecondsHoweverLongTheTimeout) {
  Endpoints endpoints = Three();
  options_.timeout = absl::Minutes(5);
  EXPECT_EQ(Retrier(endpoints, options_).AttemptDeadline(), clock_.Now() + absl::Seconds(5));
}

TEST(ReconnectTest, ServiceThatIsThereAgainIsAskedBeforeTheWaitIsOver) {
  const int port = FakeServices().port();
  CallOptions options;
  options.timeout = absl::Hours(2);
  options.first_delay = options.max_delay = absl::Hours(1);
  std::unique_ptr<FakeServices> again;
  options.on_retry = [&](const absl::Status&, const std::string&) {
    if (again != nullptr) return;
    again = std::make_unique<FakeServices>(port);
    again->sign_up = [](const v1::SignUpUserRequest&, v1::SignUpUserResponse*) { return grpc::Status::OK; };
  };
  Endpoints endpoints("command service", {absl::StrCat("127.0.0.1:", port)}, grpc::InsecureChannelCredentials());
  const auto response = CommandClient(endpoints, options).SignUpUser({});
  EXPECT_TRUE(response.ok()) << response.status();
}

TEST_F(RetryTest, OverloadedCommandsAreRepeatedWithTheSameRequestId) {
  FakeServices fake;
  std::vector<std::string> request_ids;
  fake.sign_up = [&](const v1::SignUpUserRequest& request, v1::SignUpUserResponse* response) {
    request_ids.push_back(request.request_id());
    if (request_ids.size() < 3) {
      return FakeError{grpc::StatusCode::RESOURCE_EXHAUSTED, "full", "OVERLOADED", {}, {}, absl::Milliseconds(10)}
          .Grpc();
    }
    response->set_offset(7);
    return grpc::Status::OK;
  };
  Endpoints endpoints("command service", {fake.address()}, Insecure());
  const auto response = CommandClient(endpoints, options_).SignUpUser({});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->offset(), 7);
  ASSERT_THAT(request_ids, SizeIs(3));
  EXPECT_TRUE(IsUuid(request_ids[0]));
  EXPECT_THAT(request_ids, Each(request_ids[0]));
  EXPECT_THAT(waits_, SizeIs(2));
}

TEST_F(RetryTest, ADeadAddressIsLeftForALivingOneAndNotTriedFirstAgain) {
  FakeServices dead;
  dead.Stop();
  FakeServices alive;
  alive.sign_up = [](const v1::SignUpUserRequest&, v1::SignUpUserResponse*) { return grpc::Status::OK; };
  Endpoints endpoints("command service", {dead.address(), alive.address()}, Insecure());
  ASSERT_TRUE(CommandClient(endpoints, options_).SignUpUser({}).ok());
  EXPECT_EQ(endpoints.Current().address, alive.address());
  EXPECT_TRUE(waits_.empty());
}

TEST(ParseAddressesTest, SplitsAtCommasAndRefusesEmptyOnes) {
  EXPECT_THAT(*ParseAddresses("a:1, b:2"), ElementsAre("a:1", "b:2"));
  EXPECT_FALSE(ParseAddresses("").ok());
  EXPECT_FALSE(ParseAddresses("a:1,,b:2").ok());
}

}  // namespace
}  // namespace roster::client
