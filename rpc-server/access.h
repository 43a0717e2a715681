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
#include "rpc-server/role.h"

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

  // OK where the caller has `needed` or a higher role. UNAUTHENTICATED with CREDENTIALS_MISSING, _INVALID or _EXPIRED,
  // or PERMISSION_DENIED with ROLE_REQUIRED, where not. Neither tells whether what was asked for exists.
  absl::Status Check(const grpc::ServerContext& context, Role needed);

 private:
  struct Rules;

  Access(const AccessOptions& options, const Clock& clock);
  absl::StatusOr<std::shared_ptr<Rules>> ReadRules() const;
  // What holds now.
  std::shared_ptr<Rules> CurrentRules();
  absl::StatusOr<std::optional<Role>> RoleOf(const grpc::ServerContext& context);
  absl::StatusOr<std::optional<Role>> RoleOfToken(absl::string_view token, Rules& rules) const;
  std::optional<Role> RoleOfCertificate(const grpc::AuthContext& peer, const Rules& rules) const;

  const AccessOptions options_;
  const Clock& clock_;
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
