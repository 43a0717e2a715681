#ifndef ROSTER_RPC_SERVER_ACCESS_H_
#define ROSTER_RPC_SERVER_ACCESS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/watched_file.h"
#include "grpcpp/server_context.h"
#include "rpc-server/call_rates.h"
#include "rpc-server/role.h"
#include "rpc-server/verified_tokens.h"

namespace roster::rpc {

// How callers are told apart. Empty files: not by that.
struct AccessOptions {
  // Public keys of tokens, and a secret that they are signed with (token_key.h).
  std::string jwks_file;
  std::string secret_file;
  // See TokenRules.
  std::string audience;
  std::string issuer;
  // Roles by name (role_map.h).
  std::string roles_file;
  // Whether the names in client certificates count. gRPC has verified them by then.
  bool client_certificates = false;
  // How often the files are looked at, while calls come.
  absl::Duration refresh = absl::Seconds(1);
};

// Decides who may call what. The one place that looks at credentials; docs/adr/0014-who-may-call.md says how.
//
// The files are read anew where they changed. What cannot be used then leaves what was read before in force, and is
// logged.
//
// Thread safety: safe from any thread.
class Access {
 public:
  // An error names the option that is wrong. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<Access>> Create(const AccessOptions& options, const Clock& clock);
  ~Access();

  // Who calls, for the limits of each caller, where they have `needed` or a higher role. UNAUTHENTICATED with
  // CREDENTIALS_MISSING, _INVALID or _EXPIRED, or PERMISSION_DENIED with ROLE_REQUIRED, where not. Neither tells
  // whether what was asked for exists. RESOURCE_EXHAUSTED with CALLER_OVER_LIMIT where so many tokens from the caller's
  // address were wrong that no more are looked at.
  absl::StatusOr<std::string> Check(const grpc::ServerContext& context, Role needed);

 private:
  struct Rules;
  struct Caller {
    // With its kind before it; empty where the credentials name nobody.
    std::string name;
    std::optional<Role> role;
  };

  Access(const AccessOptions& options, const Clock& clock);
  absl::StatusOr<std::shared_ptr<Rules>> ReadRules() const;
  // What holds now.
  std::shared_ptr<Rules> CurrentRules();
  absl::StatusOr<Caller> CallerOf(const grpc::ServerContext& context);
  absl::StatusOr<Caller> CallerOfToken(const grpc::ServerContext& context, absl::string_view token, Rules& rules);
  // Of a token that is seen for the first time.
  absl::StatusOr<VerifiedToken> Verify(const grpc::ServerContext& context, absl::string_view token, Rules& rules);
  Caller CallerOfCertificate(const grpc::AuthContext& peer, const Rules& rules) const;

  const AccessOptions options_;
  const Clock& clock_;
  // Wrong tokens by address: each costs a check of a signature.
  CallRates wrong_tokens_;
  absl::Mutex mutex_;
  std::shared_ptr<Rules> rules_ ABSL_GUARDED_BY(mutex_);
  // By SteadyNow.
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_);
  WatchedFile jwks_file_ ABSL_GUARDED_BY(mutex_);
  WatchedFile secret_file_ ABSL_GUARDED_BY(mutex_);
  WatchedFile roles_file_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_ACCESS_H_
