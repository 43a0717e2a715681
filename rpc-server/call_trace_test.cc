#include "rpc-server/call_trace.h"

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/error_reason.h"
#include "rpc-server/polled_queues_for_test.h"
#include "rpc-server/server.h"
#include "tracing/recording_tracer_for_test.h"

namespace roster::rpc {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using tracing::RecordedSpan;
using tracing::RecordingTracer;
using v1::UserQueryService;
using Service =
    UserQueryService::WithAsyncMethod_GetUser<UserQueryService::WithAsyncMethod_ListUsers<UserQueryService::Service>>;
using GetUserCall = UnaryCall<v1::GetUserRequest, v1::GetUserResponse>;
using ListUsersCall = ServerStreamCall<v1::ListUsersRequest, v1::ListUsersResponse>;

constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kSampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kUnsampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

// Ends at once.
class EmptyList : public ListUsersCall::Handler {
 public:
  explicit EmptyList(ListUsersCall& call) : call_(call) {}
  void OnReady() override { call_.Finish(absl::OkStatus()); }

 private:
  ListUsersCall& call_;
};

// A server whose GetUser fails as it is told by the user_id: "nobody", "fault", "away".
class TracedServer {
 public:
  explicit TracedServer(tracing::Tracer* tracer) {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.tracer = tracer;
    server_ = Server::Start(options, {{UserQueryService::service_full_name(), &service_}},
                            [this](grpc::ServerBuilder& builder) -> auto& {
                              queue_ = &queues_->AddTo(builder);
                              return *queue_;
                            })
                  .value();
    get_user_.request = [this](auto* context, auto* request, auto* responder, void* tag) {
      service_.RequestGetUser(context, request, responder, queue_, queue_, tag);
    };
    get_user_.handle = [this](GetUserCall& call) { GetUser(call); };
    list_users_.request = [this](auto* context, auto* request, auto* writer, void* tag) {
      service_.RequestListUsers(context, request, writer, queue_, queue_, tag);
    };
    list_users_.handle = [](ListUsersCall& call) { return std::make_unique<EmptyList>(call); };
    Watch("roster.v1.UserQueryService/GetUser", get_user_);
    Watch("roster.v1.UserQueryService/ListUsers", list_users_);
    stub_ = UserQueryService::NewStub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  }

  // Until the server and its calls are gone nobody knows that their spans are done.
  ~TracedServer() {
    server_->Shutdown();
    open_calls_.AwaitNone();
    queues_.reset();
    server_.reset();
  }

  grpc::Status GetUser(const std::string& user_id, const std::string& traceparent) {
    grpc::ClientContext context;
    if (!traceparent.empty()) context.AddMetadata("traceparent", traceparent);
    v1::GetUserRequest request;
    v1::GetUserResponse response;
    request.set_user_id(user_id);
    return stub_->GetUser(&context, request, &response);
  }

  void ListUsers() {
    grpc::ClientContext context;
    v1::ListUsersResponse page;
    auto stream = stub_->ListUsers(&context, {});
    while (stream->Read(&page)) {
    }
    EXPECT_TRUE(stream->Finish().ok());
  }

  // The context that the last GetUser's own work had as its parent.
  std::optional<tracing::TraceContext> seen() const {
    absl::MutexLock lock(&mutex_);
    return seen_;
  }

 private:
  template <typename Method>
  void Watch(const std::string& name, Method& method) {
    method.guard = server_->GuardOf(name);
    method.tracer = server_->TracerOf(name);
    method.open_calls = &open_calls_;
    if constexpr (std::is_same_v<Method, GetUserCall::Method>) GetUserCall::Accept(method);
    if constexpr (std::is_same_v<Method, ListUsersCall::Method>) ListUsersCall::Accept(method);
  }

  void GetUser(GetUserCall& call) {
    if (call.trace() != nullptr) {
      absl::MutexLock lock(&mutex_);
      seen_ = *call.trace();
    }
    if (call.request().user_id() == "nobody") {
      return call.Fail(ErrorWithReason(absl::StatusCode::kNotFound, v1::ERROR_REASON_USER_NOT_FOUND, "nobody"));
    }
    if (call.request().user_id() == "away") {
      return call.Fail(ErrorWithReason(absl::StatusCode::kUnavailable, v1::ERROR_REASON_NOT_READY, "not yet"));
    }
    if (call.request().user_id() == "fault") return call.Fail(absl::InternalError("broken"));
    call.Finish({});
  }

  Service service_;
  std::optional<PolledQueues> queues_{std::in_place};
  grpc::ServerCompletionQueue* queue_ = nullptr;
  OpenCalls open_calls_;
  GetUserCall::Method get_user_;
  ListUsersCall::Method list_users_;
  mutable absl::Mutex mutex_;
  std::optional<tracing::TraceContext> seen_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Server> server_;
  std::unique_ptr<UserQueryService::Stub> stub_;
};

// The spans of one call of GetUser.
std::vector<RecordedSpan> SpansOfGetUser(const std::string& user_id, const std::string& traceparent,
                                         bool sample_new_traces = true) {
  RecordingTracer tracer(sample_new_traces);
  TracedServer(&tracer).GetUser(user_id, traceparent);
  return tracer.spans();
}

TEST(CallTraceTest, CallerSpanIsTheParentOfTheServers) {
  RecordingTracer tracer(/*sample_new_traces=*/false);
  {
    TracedServer server(&tracer);
    EXPECT_TRUE(server.GetUser("ada", kSampled).ok());
    ASSERT_TRUE(server.seen());
    EXPECT_EQ(server.seen()->trace_id(), kTraceId);
    EXPECT_NE(server.seen()->span_id(), "b7ad6b7169203331");
  }
  const std::vector<RecordedSpan> spans = tracer.spans();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].name, "roster.v1.UserQueryService/GetUser");
  EXPECT_EQ(spans[0].kind, tracing::SpanKind::kServer);
  EXPECT_EQ(spans[0].context.trace_id(), kTraceId);
  EXPECT_EQ(spans[0].parent_span_id, "b7ad6b7169203331");
  EXPECT_THAT(spans[0].attributes, testing::UnorderedElementsAre(
                                       Pair("rpc.system", "grpc"), Pair("rpc.service", "roster.v1.UserQueryService"),
                                       Pair("rpc.method", "GetUser"), Pair("rpc.grpc.status_code", "0")));
  EXPECT_FALSE(spans[0].failed);
}

TEST(CallTraceTest, UnsampledCallMakesNoSpanAndKeepsItsContext) {
  RecordingTracer tracer;
  {
    TracedServer server(&tracer);
    EXPECT_TRUE(server.GetUser("ada", kUnsampled).ok());
    ASSERT_TRUE(server.seen());
    EXPECT_EQ(server.seen()->traceparent, kUnsampled);
  }
  EXPECT_TRUE(tracer.spans().empty());
}

TEST(CallTraceTest, CallWithoutAContextBeginsATraceWhereSampled) {
  EXPECT_EQ(SpansOfGetUser("ada", "").at(0).parent_span_id, "");
  EXPECT_EQ(SpansOfGetUser("ada", "no traceparent").at(0).parent_span_id, "");
  EXPECT_TRUE(SpansOfGetUser("ada", "", /*sample_new_traces=*/false).empty());
}

TEST(CallTraceTest, RefusalIsNoFailureOfTheServer) {
  const RecordedSpan span = SpansOfGetUser("nobody", kSampled).at(0);
  EXPECT_FALSE(span.failed);
  EXPECT_THAT(span.attributes, Contains(Pair("rpc.grpc.status_code", "5")));
  EXPECT_THAT(span.attributes, Contains(Pair("roster.error_reason", "USER_NOT_FOUND")));
}

TEST(CallTraceTest, ServersFaultIsAFailure) {
  const RecordedSpan span = SpansOfGetUser("away", kSampled).at(0);
  EXPECT_TRUE(span.failed);
  EXPECT_THAT(span.attributes, Contains(Pair("error.type", "NOT_READY")));
}

TEST(CallTraceTest, StreamHasASpan) {
  RecordingTracer tracer;
  TracedServer(&tracer).ListUsers();
  ASSERT_EQ(tracer.spans().size(), 1u);
  EXPECT_EQ(tracer.spans()[0].name, "roster.v1.UserQueryService/ListUsers");
  EXPECT_THAT(tracer.spans()[0].attributes, Contains(Pair("rpc.grpc.status_code", "0")));
}

TEST(CallTraceTest, LinesLoggedForACallHaveItsTraceId) {
  RecordingTracer tracer;
  for (const char* traceparent : {kSampled, kUnsampled}) {
    testing::internal::CaptureStderr();
    TracedServer(&tracer).GetUser("fault", traceparent);
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_THAT(log, HasSubstr("call failed by a fault of the service's own"));
    EXPECT_THAT(log, HasSubstr(R"("trace_id":"0af7651916cd43dd8448eb211c80319c")"));
  }
}

TEST(CallTraceTest, WithoutATracerNothingIsTraced) {
  testing::internal::CaptureStderr();
  {
    TracedServer server(nullptr);
    server.GetUser("fault", kSampled);
    EXPECT_FALSE(server.seen());
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(HasSubstr("trace_id")));
}

}  // namespace
}  // namespace roster::rpc
