#ifndef ROSTER_RPC_SERVER_SECURITY_OPTIONS_H_
#define ROSTER_RPC_SERVER_SECURITY_OPTIONS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "base/clock.h"
#include "rpc-server/access.h"
#include "rpc-server/tls.h"

namespace roster::rpc {

// Settings of TLS and of who may call (docs/security.md). Secrets are in files only. Empty: without.
struct SecurityOptions {
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
  std::string auth_jwks;
  std::string auth_secret_file;
  std::string auth_audience;
  std::string auth_issuer;
  std::string auth_roles;
  // "open" or "required".
  std::string auth_health = "open";
  // Not flags.
  int tls_refresh_s = 5;
  absl::Duration auth_refresh = absl::Seconds(1);
  const Clock* clock = &SystemClock();

  bool HasTls() const { return !tls_cert.empty(); }
  bool HasTokens() const { return !auth_jwks.empty() || !auth_secret_file.empty(); }
  // Whether callers are told apart.
  bool HasAuthentication() const { return HasTokens() || !tls_client_ca.empty(); }

  TlsOptions tls() const;
  AccessOptions access() const;
};

// Declares the flags, which write into `options`.
void DeclareSecurityOptions(CLI::App& app, SecurityOptions& options);

// INVALID_ARGUMENT where one setting is no use without another, or less safe than it looks; it names both.
absl::Status CheckSecurityOptions(const SecurityOptions& options);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_SECURITY_OPTIONS_H_
