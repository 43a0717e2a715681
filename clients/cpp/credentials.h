#ifndef ROSTER_CLIENTS_CPP_CREDENTIALS_H_
#define ROSTER_CLIENTS_CPP_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/watched_file.h"
#include "grpcpp/channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace roster::client {

// How a client knows its servers, and says who it is. All are files; empty: without.
struct CredentialOptions {
  // Authorities of the servers' certificates, in PEM; calls then go over TLS.
  std::string tls_ca;
  // The client's own certificate and key, in PEM.
  std::string tls_cert;
  std::string tls_key;
  // A bearer token, which may be replaced while calls go on.
  std::string token_file;
};

// A bearer token in a file, read anew where it was replaced: looked at once a second while calls are made.
//
// Thread safety: safe from any thread.
class TokenFile {
 public:
  explicit TokenFile(const std::string& path);

  // The token. FAILED_PRECONDITION where the file cannot be read or holds something else; nothing of it is shown.
  absl::StatusOr<std::string> Token();

 private:
  absl::Mutex mutex_;
  WatchedFile file_ ABSL_GUARDED_BY(mutex_);
  // By SteadyNow.
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_);
  absl::StatusOr<std::string> token_ ABSL_GUARDED_BY(mutex_);
};

// Makes channels that have all that.
//
// Thread safety: const, so safe from any thread.
class Credentials {
 public:
  // Plain text or TLS as `channel_credentials` say, and no token.
  Credentials(std::shared_ptr<grpc::ChannelCredentials> channel_credentials);  // NOLINT: stands for those

  // An error names the option that is wrong, by its flag of rosterctl's.
  static absl::StatusOr<Credentials> Create(const CredentialOptions& options);

  // A channel whose calls carry the token. In plain text they do on the loopback only: whoever listens on the way
  // could use it.
  std::shared_ptr<grpc::Channel> Connect(const std::string& address, const grpc::ChannelArguments& arguments) const;

 private:
  std::shared_ptr<grpc::ChannelCredentials> channel_credentials_;
  bool tls_ = false;
  // Null: none.
  std::shared_ptr<TokenFile> token_file_;
};

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_CREDENTIALS_H_
