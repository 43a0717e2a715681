#include "clients/cpp/import_users.h"

#include <atomic>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/error.h"
#include "clients/cpp/fake_services.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::client {
namespace {

using ::testing::ElementsAre;
using ServerStream = grpc::ServerReaderWriter<v1::ImportUsersResponse, v1::ImportUsersRequest>;

ImportBatch Batch(int number) {
  ImportBatch batch;
  batch.request.add_rows()->set_request_id(absl::StrCat("r-", number));
  batch.row_numbers = {number};
  return batch;
}

NextImportBatch Source(int count) {
  auto next = std::make_shared<int>(0);
  return [next, count]() -> absl::StatusOr<std::optional<ImportBatch>> {
    if (*next == count) return std::nullopt;
    return Batch(++*next);
  };
}

v1::ImportUsersResponse Accept(const v1::ImportUsersRequest& request) {
  v1::ImportUsersResponse response;
  for (const auto& row : request.rows()) response.add_results()->mutable_signed_up()->set_event_id(row.request_id());
  return response;
}

class ImportUsersTest : public ::testing::Test {
 protected:
  ImportUsersTest() {
    options_.call.first_delay = absl::Milliseconds(1);
    options_.call.max_delay = absl::Milliseconds(2);
  }

  absl::Status Import(const NextImportBatch& next) {
    Endpoints endpoints("command service", {fake_.address()}, grpc::InsecureChannelCredentials());
    return ImportUsers(endpoints, options_, next, [this](const ImportBatch& batch, const v1::ImportUsersResponse&) {
      answered_.push_back(batch.row_numbers.front());
    });
  }

  FakeServices fake_;
  ImportOptions options_;
  std::vector<int64_t> answered_;
};

TEST_F(ImportUsersTest, EveryBatchIsAnsweredOnceAndInOrder) {
  fake_.import = [](ServerStream* stream) {
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) stream->Write(Accept(request));
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Import(Source(100)).ok());
  ASSERT_EQ(answered_.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(answered_[i], i + 1);
}

TEST_F(ImportUsersTest, AsManyBatchesAsTheWindowHoldsAreSentAheadAndNoMore) {
  options_.window = 3;
  std::atomic<int> fetched = 0;
  int most_ahead = 0;
  fake_.import = [&](ServerStream* stream) {
    v1::ImportUsersRequest request;
    std::vector<v1::ImportUsersRequest> waiting;
    int answers = 0;
    while (stream->Read(&request)) {
      waiting.push_back(request);
      // Answers only once three wait, so an importer that sent fewer ahead would never get on.
      if (waiting.size() < 3) continue;
      most_ahead = std::max(most_ahead, fetched.load() - answers);
      for (const auto& one : waiting) stream->Write(Accept(one));
      answers += 3;
      waiting.clear();
    }
    return grpc::Status::OK;
  };
  const NextImportBatch source = Source(12);
  const absl::Status status = Import([&]() -> absl::StatusOr<std::optional<ImportBatch>> {
    auto batch = source();
    if (batch.ok() && batch->has_value()) ++fetched;
    return batch;
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(answered_.size(), 12u);
  EXPECT_EQ(most_ahead, 3);
}

TEST_F(ImportUsersTest, AfterACutEverythingUnansweredIsSentAgainAndNothingElse) {
  std::vector<std::vector<std::string>> streams;
  fake_.import = [&](ServerStream* stream) {
    streams.emplace_back();
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) {
      streams.back().push_back(request.rows(0).request_id());
      // Each stream but the last ends with its third request unanswered.
      if (streams.size() < 4 && streams.back().size() == 3) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
      stream->Write(Accept(request));
    }
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Import(Source(10)).ok());
  EXPECT_THAT(answered_, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  ASSERT_EQ(streams.size(), 4u);
  EXPECT_EQ(streams[1].front(), "r-3");
  EXPECT_EQ(streams[2].front(), "r-5");
  EXPECT_EQ(streams[3].front(), "r-7");
}

TEST_F(ImportUsersTest, RowsRefusedForAPassingReasonAreSentAgain) {
  int streams = 0;
  fake_.import = [&](ServerStream* stream) {
    ++streams;
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) {
      if (streams == 1) {
        v1::ImportUsersResponse response;
        *response.add_results()->mutable_error() =
            FakeError{grpc::StatusCode::RESOURCE_EXHAUSTED, "full", "OVERLOADED"}.Rpc();
        stream->Write(response);
      } else {
        stream->Write(Accept(request));
      }
    }
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Import(Source(3)).ok());
  EXPECT_EQ(streams, 2);
  EXPECT_THAT(answered_, ElementsAre(1, 2, 3));
}

TEST_F(ImportUsersTest, RowsRefusedForGoodAreAnAnswer) {
  fake_.import = [](ServerStream* stream) {
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) {
      v1::ImportUsersResponse response;
      *response.add_results()->mutable_error() =
          FakeError{grpc::StatusCode::ALREADY_EXISTS, "taken", "EMAIL_TAKEN"}.Rpc();
      stream->Write(response);
    }
    return grpc::Status::OK;
  };
  ASSERT_TRUE(Import(Source(2)).ok());
  EXPECT_THAT(answered_, ElementsAre(1, 2));
}

TEST_F(ImportUsersTest, AnErrorOfTheSourceEndsTheImportOnceTheRestIsAnswered) {
  fake_.import = [](ServerStream* stream) {
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) stream->Write(Accept(request));
    return grpc::Status::OK;
  };
  int calls = 0;
  const absl::Status status = Import([&]() -> absl::StatusOr<std::optional<ImportBatch>> {
    if (++calls == 3) return absl::InvalidArgumentError("line 3 is cut short");
    return Batch(calls);
  });
  EXPECT_EQ(status, absl::InvalidArgumentError("line 3 is cut short"));
  EXPECT_THAT(answered_, ElementsAre(1, 2));
}

TEST_F(ImportUsersTest, AnswersThatDoNotFitTheRowsAreAnError) {
  fake_.import = [](ServerStream* stream) {
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) stream->Write(v1::ImportUsersResponse());
    return grpc::Status::OK;
  };
  EXPECT_EQ(Import(Source(1)).code(), absl::StatusCode::kInternal);
}

TEST_F(ImportUsersTest, AServiceThatNeverAnswersEndsWithTheTimeout) {
  fake_.import = [](ServerStream* stream) {
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) {
    }
    return grpc::Status::OK;
  };
  options_.call.timeout = absl::Milliseconds(100);
  // The source ends only when the stream was cancelled: the guard, not the stream's end, ends this import.
  const absl::Status status = Import(Source(1));
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(GetErrorDetails(status)->reason, kUnreachable);
}

TEST_F(ImportUsersTest, NothingToImportIsDoneAtOnce) {
  fake_.import = [](ServerStream* stream) {
    v1::ImportUsersRequest request;
    while (stream->Read(&request)) {
    }
    return grpc::Status::OK;
  };
  EXPECT_TRUE(Import(Source(0)).ok());
}

}  // namespace
}  // namespace roster::client
