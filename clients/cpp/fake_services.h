#ifndef ROSTER_CLIENTS_CPP_FAKE_SERVICES_H_
#define ROSTER_CLIENTS_CPP_FAKE_SERVICES_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::client {

// For tests of clients: a server of both services on a free port of the loopback, whose every method is a function that
// the test sets. What is not set answers UNIMPLEMENTED. Set before the first call; functions run in gRPC's threads.
class FakeServices {
 public:
  // Port 0: a free one.
  explicit FakeServices(int port = 0) : port_(port), commands_(*this), queries_(*this) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address(), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&commands_);
    builder.RegisterService(&queries_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) std::abort();
  }
  ~FakeServices() { Stop(); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  int port() const { return port_; }
  grpc::Server& server() { return *server_; }

  // Cuts every call and stops listening.
  void Stop() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::function<grpc::Status(const v1::SignUpUserRequest&, v1::SignUpUserResponse*)> sign_up;
  std::function<grpc::Status(const v1::UpdateUserRequest&, v1::UpdateUserResponse*)> update;
  std::function<grpc::Status(const v1::DeleteUserRequest&, v1::DeleteUserResponse*)> delete_user;
  std::function<grpc::Status(grpc::ServerReaderWriter<v1::ImportUsersResponse, v1::ImportUsersRequest>*)> import;
  std::function<grpc::Status(const v1::GetUserRequest&, v1::GetUserResponse*)> get;
  std::function<grpc::Status(const v1::ListUsersRequest&, grpc::ServerWriter<v1::ListUsersResponse>*)> list;
  std::function<grpc::Status(const v1::WatchUsersRequest&, grpc::ServerWriter<v1::WatchUsersResponse>*)> watch;
  std::function<grpc::Status(v1::GetReadModelStatusResponse*)> status;

 private:
  template <class Function, class... Arguments>
  static grpc::Status Call(const Function& function, Arguments... arguments) {
    if (!function) return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "not set by the test");
    return function(arguments...);
  }

  class Commands : public v1::UserCommandService::Service {
   public:
    explicit Commands(FakeServices& fake) : fake_(fake) {}
    grpc::Status SignUpUser(grpc::ServerContext*, const v1::SignUpUserRequest* in,
                            v1::SignUpUserResponse* out) override {
      return Call<decltype(fake_.sign_up), const v1::SignUpUserRequest&>(fake_.sign_up, *in, out);
    }
    grpc::Status UpdateUser(grpc::ServerContext*, const v1::UpdateUserRequest* in,
                            v1::UpdateUserResponse* out) override {
      return Call<decltype(fake_.update), const v1::UpdateUserRequest&>(fake_.update, *in, out);
    }
    grpc::Status DeleteUser(grpc::ServerContext*, const v1::DeleteUserRequest* in,
                            v1::DeleteUserResponse* out) override {
      return Call<decltype(fake_.delete_user), const v1::DeleteUserRequest&>(fake_.delete_user, *in, out);
    }
    grpc::Status ImportUsers(
        grpc::ServerContext*,
        grpc::ServerReaderWriter<v1::ImportUsersResponse, v1::ImportUsersRequest>* stream) override {
      return Call(fake_.import, stream);
    }

   private:
    FakeServices& fake_;
  };

  class Queries : public v1::UserQueryService::Service {
   public:
    explicit Queries(FakeServices& fake) : fake_(fake) {}
    grpc::Status GetUser(grpc::ServerContext*, const v1::GetUserRequest* in, v1::GetUserResponse* out) override {
      return Call<decltype(fake_.get), const v1::GetUserRequest&>(fake_.get, *in, out);
    }
    grpc::Status ListUsers(grpc::ServerContext*, const v1::ListUsersRequest* in,
                           grpc::ServerWriter<v1::ListUsersResponse>* out) override {
      return Call<decltype(fake_.list), const v1::ListUsersRequest&>(fake_.list, *in, out);
    }
    grpc::Status WatchUsers(grpc::ServerContext*, const v1::WatchUsersRequest* in,
                            grpc::ServerWriter<v1::WatchUsersResponse>* out) override {
      return Call<decltype(fake_.watch), const v1::WatchUsersRequest&>(fake_.watch, *in, out);
    }
    grpc::Status GetReadModelStatus(grpc::ServerContext*, const v1::GetReadModelStatusRequest*,
                                    v1::GetReadModelStatusResponse* out) override {
      return Call(fake_.status, out);
    }

   private:
    FakeServices& fake_;
  };

  int port_ = 0;
  Commands commands_;
  Queries queries_;
  std::unique_ptr<grpc::Server> server_;
};

// The status of a refused call as Roster's servers make it.
struct FakeError {
  grpc::StatusCode code;
  std::string message;
  std::string reason;
  std::map<std::string, std::string> metadata = {};
  std::map<std::string, std::string> bad_fields = {};
  absl::Duration retry_delay = absl::ZeroDuration();

  google::rpc::Status Rpc() const {
    google::rpc::Status status;
    status.set_code(code);
    status.set_message(message);
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    info.set_domain("roster.v1");
    info.mutable_metadata()->insert(metadata.begin(), metadata.end());
    status.add_details()->PackFrom(info);
    if (!bad_fields.empty()) {
      google::rpc::BadRequest bad;
      for (const auto& [field, description] : bad_fields) {
        auto& violation = *bad.add_field_violations();
        violation.set_field(field);
        violation.set_description(description);
      }
      status.add_details()->PackFrom(bad);
    }
    if (retry_delay > absl::ZeroDuration()) {
      google::rpc::RetryInfo retry;
      retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(retry_delay));
      retry.mutable_retry_delay()->set_nanos(
          static_cast<int32_t>(absl::ToInt64Nanoseconds(retry_delay) % 1'000'000'000));
      status.add_details()->PackFrom(retry);
    }
    return status;
  }

  grpc::Status Grpc() const { return grpc::Status(code, message, Rpc().SerializeAsString()); }
};

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_FAKE_SERVICES_H_
