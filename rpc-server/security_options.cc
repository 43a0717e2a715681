#include "rpc-server/security_options.h"

namespace roster::rpc {

TlsOptions SecurityOptions::tls() const {
  return {.certificate_file = tls_cert,
          .key_file = tls_key,
          .client_ca_file = tls_client_ca,
          .client_certificate_required = !HasTokens(),
          .refresh_s = tls_refresh_s};
}

AccessOptions SecurityOptions::access() const {
  return {.jwks_file = auth_jwks,
          .secret_file = auth_secret_file,
          .audience = auth_audience,
          .issuer = auth_issuer,
          .roles_file = auth_roles,
          .client_certificates = !tls_client_ca.empty(),
          .refresh = auth_refresh};
}

void DeclareSecurityOptions(CLI::App& app, SecurityOptions& options) {
  app.add_option("--tls-cert", options.tls_cert,
                 "File with the server's certificate in PEM, and those up to its authority; turns TLS on");
  app.add_option("--tls-key", options.tls_key, "File with the certificate's private key in PEM");
  app.add_option("--tls-client-ca", options.tls_client_ca,
                 "File with the authorities of client certificates in PEM; their names get roles by --auth-roles");
  app.add_option("--auth-jwks", options.auth_jwks,
                 "File with the public keys of bearer tokens, a JWKS: RS256, ES256 and EdDSA");
  app.add_option("--auth-secret-file", options.auth_secret_file,
                 "File with the secret of bearer tokens that are HS256, at least 32 bytes");
  app.add_option("--auth-audience", options.auth_audience, "What a token's `aud` must name; needed with --auth-jwks");
  app.add_option("--auth-issuer", options.auth_issuer, "What a token's `iss` must be; default: not looked at");
  app.add_option("--auth-roles", options.auth_roles,
                 "File that gives names in certificates and tokens the role reader, writer or admin");
  app.add_option("--auth-health", options.auth_health,
                 "Who may check health where callers are authenticated: open (everybody) or required (readers)")
      ->capture_default_str()
      ->check(CLI::IsMember({"open", "required"}));
}

absl::Status CheckSecurityOptions(const SecurityOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key: one is of no use without the other");
  }
  if (!options.tls_client_ca.empty() && !options.HasTls()) {
    return absl::InvalidArgumentError("--tls-client-ca: needs --tls-cert and --tls-key");
  }
  if (!options.tls_client_ca.empty() && options.auth_roles.empty()) {
    return absl::InvalidArgumentError(
        "--tls-client-ca: needs --auth-roles, which says what the names in certificates may do");
  }
  if (!options.auth_jwks.empty() && options.auth_audience.empty()) {
    return absl::InvalidArgumentError(
        "--auth-jwks: needs --auth-audience, since the keys sign tokens for other services too");
  }
  const bool rules = !options.auth_roles.empty() || !options.auth_audience.empty() || !options.auth_issuer.empty();
  if (rules && !options.HasAuthentication()) {
    return absl::InvalidArgumentError(
        "--auth-roles, --auth-audience and --auth-issuer: need --auth-jwks, --auth-secret-file or --tls-client-ca, by "
        "which callers are told apart");
  }
  return absl::OkStatus();
}

}  // namespace roster::rpc
