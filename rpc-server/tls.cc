#include "rpc-server/tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/watched_file.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace roster::rpc {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;

absl::Status BadFile(absl::string_view flag, const std::string& path, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(flag, ": the file ", path, " ", what));
}

absl::Status CheckReadable(absl::string_view flag, const std::string& path) {
  const absl::StatusOr<std::string> content = ReadWholeFile(path, kMaxFileBytes);
  if (content.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(flag, ": ", content.status().message()));
}

// A key with a passphrase is none that a service could use: it is not asked for.
int NoPassphrase(char*, int, int, void*) { return -1; }

// gRPC would say nothing of a wrong file, and fail every handshake.
absl::Status CheckFiles(const TlsOptions& options) {
  ROSTER_RETURN_IF_ERROR(CheckReadable("--tls-cert", options.certificate_file));
  ROSTER_RETURN_IF_ERROR(CheckReadable("--tls-key", options.key_file));
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX_set_default_passwd_cb(context.get(), NoPassphrase);
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate_file.c_str()) != 1) {
    return BadFile("--tls-cert", options.certificate_file, "holds no certificate in PEM");
  }
  // Compares the two as well.
  if (SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return BadFile("--tls-key", options.key_file,
                   "holds no private key in PEM without a passphrase that belongs to the certificate of --tls-cert");
  }
  if (options.client_ca_file.empty()) return absl::OkStatus();
  ROSTER_RETURN_IF_ERROR(CheckReadable("--tls-client-ca", options.client_ca_file));
  if (SSL_CTX_load_verify_locations(context.get(), options.client_ca_file.c_str(), nullptr) != 1) {
    return BadFile("--tls-client-ca", options.client_ca_file, "holds no certificate in PEM");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(const TlsOptions& options) {
  ROSTER_RETURN_IF_ERROR(CheckFiles(options));
  using grpc::experimental::FileWatcherCertificateProvider;
  grpc::experimental::TlsServerCredentialsOptions credentials(std::make_shared<FileWatcherCertificateProvider>(
      options.key_file, options.certificate_file, options.client_ca_file,
      static_cast<unsigned int>(options.refresh_s)));
  credentials.watch_identity_key_cert_pairs();
  if (!options.client_ca_file.empty()) {
    credentials.watch_root_certs();
    credentials.set_cert_request_type(options.client_certificate_required
                                          ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                          : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(credentials);
}

}  // namespace roster::rpc
