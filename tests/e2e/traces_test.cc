// Traces as operators have them: the programs send to a collector, by OTLP over gRPC.
#include <csignal>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "event-log/read_records_for_test.h"
#include "gmock/gmock.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/silent_port.h"
#include "tests/support/trace_collector.h"

namespace roster::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kCallersSpan[] = "b7ad6b7169203331";
constexpr char kCommandService[] = "roster-command-service";
constexpr char kProjector[] = "roster-projector";
constexpr char kQueryService[] = "roster-query-service";
constexpr int kManyUsers = 6000;
constexpr int kServer = 2;
constexpr int kProducer = 4;
constexpr int kConsumer = 5;

std::string Traceparent(bool sampled) {
  return absl::StrCat("00-", kTraceId, "-", kCallersSpan, sampled ? "-01" : "-00");
}

class TracesTest : public EndToEndTest {
 protected:
  void TraceTo(const std::string& endpoint, const std::string& ratio = "1") {
    for (const std::string& flag : {"--otlp-endpoint=" + endpoint, "--trace-ratio=" + ratio}) {
      processes_.AddCommandServiceFlag(flag);
      processes_.AddProjectorFlag(flag);
      processes_.AddQueryServiceFlag(flag);
    }
  }

  // Signs `id` up, and reads it back once it is there.
  void SignUpAndRead(const std::string& id, const std::string& traceparent) {
    Context sign_up_context, get_context;
    if (!traceparent.empty()) {
      for (Context* context : {&sign_up_context, &get_context}) {
        context->AddMetadata("traceparent", traceparent);
        context->AddMetadata("tracestate", "vendor=some-value");
      }
    }
    v1::SignUpUserRequest sign_up;
    v1::SignUpUserResponse signed_up;
    sign_up.set_user_id(id);
    sign_up.set_email(absl::StrCat("secret-", id, "@example.com"));
    sign_up.set_display_name("Secret Name");
    const grpc::Status status = commands_->SignUpUser(&sign_up_context, sign_up, &signed_up);
    ASSERT_TRUE(status.ok()) << status.error_message();
    v1::GetUserRequest get;
    v1::GetUserResponse got;
    get.set_user_id(id);
    get.set_read_after(signed_up.consistency_token());
    ASSERT_TRUE(queries_->GetUser(&get_context, get, &got).ok());
  }

  // Imports so many users, whose appends make a span each, and returns a token that includes them.
  std::string Import(int users) {
    Context context;
    auto stream = commands_->ImportUsers(&context);
    v1::ImportUsersResponse response;
    int imported = 0;
    for (int user = 0; user < users;) {
      v1::ImportUsersRequest request;
      for (int row = 0; row < 1000 && user < users; ++row) {
        request.add_rows()->set_email(absl::StrCat("user", user++, "@example.com"));
      }
      EXPECT_TRUE(stream->Write(request) && stream->Read(&response));
      for (const auto& result : response.results()) imported += result.has_signed_up();
    }
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_EQ(imported, users);
    return response.consistency_token();
  }

  // The headers of all user events on the log.
  std::vector<std::map<std::string, std::string>> ReadHeaders() {
    std::vector<std::map<std::string, std::string>> headers;
    event_log::ReadRecords(*processes_.OpenLog(), [&](const event_log::RecordView& record) {
      std::map<std::string, std::string> of_record;
      for (const event_log::HeaderView& header : record.headers) {
        of_record.emplace(std::string(header.key), std::string(header.value));
      }
      if (of_record.count("event_id") > 0) headers.push_back(std::move(of_record));
    });
    return headers;
  }

  static const CollectedSpan* Find(const std::vector<CollectedSpan>& spans, const std::string& service, int kind) {
    for (const CollectedSpan& span : spans) {
      if (span.service == service && span.kind == kind) return &span;
    }
    return nullptr;
  }
};

TEST_P(TracesTest, OneTraceGoesOverCommandServiceLogProjectorAndQueryService) {
  TraceCollector collector;
  // What callers decide counts, not the ratio.
  TraceTo(collector.endpoint(), "0");
  StartAll();
  SignUpAndRead("ada", Traceparent(true));
  ASSERT_TRUE(Eventually([&] { return collector.SpansOf(kTraceId).size() >= 4; })) << collector.spans().size();

  const std::vector<CollectedSpan> spans = collector.SpansOf(kTraceId);
  EXPECT_EQ(collector.spans().size(), spans.size());
  ASSERT_EQ(spans.size(), 4u);
  const CollectedSpan* command = Find(spans, kCommandService, kServer);
  const CollectedSpan* append = Find(spans, kCommandService, kProducer);
  const CollectedSpan* apply = Find(spans, kProjector, kConsumer);
  const CollectedSpan* query = Find(spans, kQueryService, kServer);
  ASSERT_TRUE(command != nullptr && append != nullptr && apply != nullptr && query != nullptr);
  // Each caused by the one before.
  EXPECT_EQ(command->parent_span_id, kCallersSpan);
  EXPECT_EQ(append->parent_span_id, command->span_id);
  EXPECT_EQ(apply->parent_span_id, append->span_id);
  EXPECT_EQ(query->parent_span_id, kCallersSpan);
  EXPECT_LE(append->end_ns, command->end_ns);
  EXPECT_LE(apply->start_ns, apply->end_ns);

  EXPECT_EQ(command->name, "roster.v1.UserCommandService/SignUpUser");
  EXPECT_THAT(command->attributes, Contains(Pair("rpc.system", "grpc")));
  EXPECT_THAT(command->attributes, Contains(Pair("rpc.service", "roster.v1.UserCommandService")));
  EXPECT_THAT(command->attributes, Contains(Pair("rpc.method", "SignUpUser")));
  EXPECT_THAT(command->attributes, Contains(Pair("rpc.grpc.status_code", "0")));
  EXPECT_EQ(query->name, "roster.v1.UserQueryService/GetUser");
  const std::string log = GetParam() == LogKind::kKafka ? processes_.topic() : "log.db";
  EXPECT_EQ(append->name, "send " + log);
  EXPECT_EQ(apply->name, "process " + log);
  EXPECT_THAT(apply->attributes, Contains(Pair("messaging.destination.name", log)));
  for (const char* place : {"messaging.destination.partition.id",
                            GetParam() == LogKind::kKafka ? "messaging.kafka.offset" : "roster.log.offset"}) {
    ASSERT_TRUE(append->attributes.count(place)) << place;
    EXPECT_EQ(apply->attributes.at(place), append->attributes.at(place)) << place;
  }
  for (const CollectedSpan& span : spans) {
    EXPECT_EQ(span.trace_state, "vendor=some-value") << span.name;
    EXPECT_FALSE(span.failed) << span.name;
    for (const auto& [key, value] : span.attributes) {
      EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(value), "secret"))
          << span.name << " " << key << "=" << value;
    }
  }

  const auto headers = ReadHeaders();
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers[0].at("traceparent"), absl::StrCat("00-", kTraceId, "-", append->span_id, "-01"));
  EXPECT_EQ(headers[0].at("tracestate"), "vendor=some-value");
}

TEST_P(TracesTest, CallsThatAreNotSampledMakeNoSpansAndPassTheirContextOn) {
  TraceCollector collector;
  TraceTo(collector.endpoint(), "0");
  StartAll();
  SignUpAndRead("unsampled", Traceparent(false));
  SignUpAndRead("without", "");
  // What comes after them has come.
  const std::string sampled = "00-11111111111111111111111111111111-2222222222222222-01";
  SignUpAndRead("sampled", sampled);
  const auto traced = [&] { return collector.SpansOf("11111111111111111111111111111111"); };
  ASSERT_TRUE(Eventually([&] { return traced().size() >= 4; }));
  EXPECT_EQ(collector.spans().size(), traced().size());

  int unsampled = 0;
  int without = 0;
  for (const auto& headers : ReadHeaders()) {
    const auto found = headers.find("traceparent");
    without += found == headers.end();
    unsampled += found != headers.end() && found->second == Traceparent(false);
  }
  EXPECT_EQ(unsampled, 1);
  EXPECT_EQ(without, 1);
}

// The same on every log.
#ifndef ROSTER_TEST_ON_KAFKA

TEST_P(TracesTest, CallsWithoutAContextBeginTraces) {
  TraceCollector collector;
  TraceTo(collector.endpoint());
  StartAll();
  SignUpAndRead("ada", "");
  ASSERT_TRUE(Eventually([&] { return Find(collector.spans(), kProjector, kConsumer) != nullptr; }));
  ASSERT_TRUE(Eventually([&] { return Find(collector.spans(), kCommandService, kServer) != nullptr; }));
  const std::vector<CollectedSpan> all = collector.spans();
  const CollectedSpan* command = Find(all, kCommandService, kServer);
  EXPECT_EQ(command->parent_span_id, "");
  EXPECT_EQ(Find(all, kProjector, kConsumer)->trace_id, command->trace_id);
}

TEST_P(TracesTest, CollectorThatIsAwayOrSilentHarmsNobody) {
  SilentPort silent;
  const std::string away = SilentPort().address();
  processes_.AddCommandServiceFlag("--otlp-endpoint=http://" + silent.address());
  processes_.AddProjectorFlag("--otlp-endpoint=http://" + away);
  processes_.AddQueryServiceFlag("--otlp-endpoint=http://" + silent.address());
  StartAll();
  // More spans than may wait.
  EXPECT_EQ(ListAll(Import(kManyUsers)).size(), static_cast<size_t>(kManyUsers));
  for (Process* process : {&processes_.command_service(), &processes_.projector()}) {
    const auto dropped =
        process->WaitForLogField("spans of traces were dropped: the collector is slow, or away", "dropped_since_start");
    EXPECT_TRUE(dropped.ok()) << process->Log();
  }

  // Who comes back is sent what there is from then on.
  TraceCollector back(away);
  v1::SignUpUserResponse signed_up;
  int user = kManyUsers;
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(SignUp(absl::StrCat("user", user++, "@example.com"), signed_up).ok());
    return Find(back.spans(), kProjector, kConsumer) != nullptr;
  }));
  for (Process* process : {&processes_.command_service(), &processes_.projector(), &processes_.query_service()}) {
    process->Signal(SIGTERM);
  }
  for (Process* process : {&processes_.command_service(), &processes_.projector(), &processes_.query_service()}) {
    EXPECT_EQ(process->Wait(), 0);
  }
}

TEST_P(TracesTest, WithoutAnEndpointNothingIsTracedAndContextIsPassedOn) {
  StartAll();
  SignUpAndRead("ada", Traceparent(true));
  const auto headers = ReadHeaders();
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers[0].at("traceparent"), Traceparent(true));
  EXPECT_THAT(processes_.command_service().Log(), testing::Not(HasSubstr("sending traces")));
}

#endif

INSTANTIATE_TEST_SUITE_P(Logs, TracesTest, LogsUnderTest(), LogName);

}  // namespace
}  // namespace roster::test
