#ifndef ROSTER_RPC_SERVER_TLS_H_
#define ROSTER_RPC_SERVER_TLS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"

namespace roster::rpc {

// Files in PEM.
struct TlsOptions {
  // The server's certificate, with those between it and its authority, and its key.
  std::string certificate_file;
  std::string key_file;
  // Authorities that may sign client certificates; empty: none are asked for.
  std::string client_ca_file;
  // Whether a client must have a certificate; else it may.
  bool client_certificate_required = false;
  // How often the files are looked at. A new one counts for connections made afterwards.
  int refresh_s = 5;
};

// TLS 1.2 or 1.3 with those files. FAILED_PRECONDITION where one cannot be used now, or the key is another
// certificate's; it names the option. Where that is so later on, new connections fail until the files are mended; those
// that are open go on.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(const TlsOptions& options);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_TLS_H_
