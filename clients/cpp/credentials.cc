#include "clients/cpp/credentials.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/host_port.h"
#include "base/steady_time.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/client_interceptor.h"

namespace roster::client {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;
// What the servers look at, and a line's end.
constexpr size_t kMaxTokenFileBytes = 8192 + 2;
constexpr absl::Duration kLookEvery = absl::Seconds(1);

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  ROSTER_ASSIGN_OR_RETURN(const std::string content, ReadWholeFile(path, kMaxTokenFileBytes));
  const absl::string_view token = absl::StripAsciiWhitespace(content);
  // Anything else gRPC would not send, and end the process in some versions.
  if (!token.empty() && std::all_of(token.begin(), token.end(), absl::ascii_isgraph)) return std::string(token);
  return absl::FailedPreconditionError(absl::StrCat("the file ", path, " does not hold a token alone"));
}

// Gives each call the token that the file holds by then. A call without goes out too, and the server says what is
// missing.
class TokenInterceptor final : public grpc::experimental::Interceptor {
 public:
  explicit TokenInterceptor(std::shared_ptr<TokenFile> file) : file_(std::move(file)) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      const absl::StatusOr<std::string> token = file_->Token();
      if (token.ok()) methods->GetSendInitialMetadata()->emplace("authorization", "Bearer " + *token);
    }
    methods->Proceed();
  }

 private:
  const std::shared_ptr<TokenFile> file_;
};

class TokenInterceptorFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  explicit TokenInterceptorFactory(std::shared_ptr<TokenFile> file) : file_(std::move(file)) {}
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo*) override {
    return new TokenInterceptor(file_);
  }

 private:
  const std::shared_ptr<TokenFile> file_;
};

// `what` it must hold: "CERTIFICATE" or "PRIVATE KEY". gRPC would say nothing of a wrong file, and reach no server.
absl::StatusOr<std::string> ReadPem(absl::string_view flag, const std::string& path, absl::string_view what) {
  if (path.empty()) return std::string();
  absl::StatusOr<std::string> content = ReadWholeFile(path, kMaxPemBytes);
  if (!content.ok()) return absl::FailedPreconditionError(absl::StrCat(flag, ": ", content.status().message()));
  // Keys have their kind before it: "EC PRIVATE KEY".
  if (absl::StrContains(*content, absl::StrCat(what, "-----"))) return content;
  return absl::FailedPreconditionError(absl::StrCat(flag, ": the file ", path, " holds no ", what, " in PEM"));
}

bool IsOnLoopback(const std::string& address) {
  const std::optional<HostPort> parsed = ParseHostPort(address);
  return parsed && IsLoopback(parsed->host);
}

}  // namespace

TokenFile::TokenFile(const std::string& path)
    : file_(path), next_look_(SteadyNow() + kLookEvery), token_(ReadToken(path)) {}

absl::StatusOr<std::string> TokenFile::Token() {
  const absl::Time now = SteadyNow();
  absl::MutexLock lock(&mutex_);
  if (now >= next_look_) {
    next_look_ = now + kLookEvery;
    if (file_.Changed()) token_ = ReadToken(file_.path());
  }
  return token_;
}

Credentials::Credentials(std::shared_ptr<grpc::ChannelCredentials> channel_credentials)
    : channel_credentials_(std::move(channel_credentials)) {}

absl::StatusOr<Credentials> Credentials::Create(const CredentialOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key: one is of no use without the other");
  }
  if (options.tls_ca.empty() && !options.tls_cert.empty()) {
    return absl::InvalidArgumentError("--tls-cert: needs --tls-ca, by which the servers are known");
  }
  Credentials credentials(grpc::InsecureChannelCredentials());
  if (!options.tls_ca.empty()) {
    grpc::SslCredentialsOptions ssl;
    ROSTER_ASSIGN_OR_RETURN(ssl.pem_root_certs, ReadPem("--tls-ca", options.tls_ca, "CERTIFICATE"));
    ROSTER_ASSIGN_OR_RETURN(ssl.pem_cert_chain, ReadPem("--tls-cert", options.tls_cert, "CERTIFICATE"));
    ROSTER_ASSIGN_OR_RETURN(ssl.pem_private_key, ReadPem("--tls-key", options.tls_key, "PRIVATE KEY"));
    credentials.channel_credentials_ = grpc::SslCredentials(ssl);
    credentials.tls_ = true;
  }
  if (!options.token_file.empty()) {
    credentials.token_file_ = std::make_shared<TokenFile>(options.token_file);
    if (const auto token = credentials.token_file_->Token(); !token.ok()) {
      return absl::FailedPreconditionError(absl::StrCat("--token-file: ", token.status().message()));
    }
  }
  return credentials;
}

std::shared_ptr<grpc::Channel> Credentials::Connect(const std::string& address,
                                                    const grpc::ChannelArguments& arguments) const {
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  if (token_file_ != nullptr && (tls_ || IsOnLoopback(address))) {
    interceptors.push_back(std::make_unique<TokenInterceptorFactory>(token_file_));
  }
  return grpc::experimental::CreateCustomChannelWithInterceptors(address, channel_credentials_, arguments,
                                                                 std::move(interceptors));
}

}  // namespace roster::client
