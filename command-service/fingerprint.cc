#include "command-service/fingerprint.h"

#include <openssl/evp.h>

#include <map>
#include <set>

#include "base/token.h"

namespace roster::command {
namespace {

void WriteLabels(const google::protobuf::Map<std::string, std::string>& labels, TokenWriter& out) {
  const std::map<std::string, std::string> sorted(labels.begin(), labels.end());
  out.Int(sorted.size());
  for (const auto& [key, value] : sorted) {
    out.String(key);
    out.String(value);
  }
}

void Write(const v1::SignUpUserRequest& request, TokenWriter& out) {
  out.String("SignUpUser");
  out.String(request.email());
  out.String(request.display_name());
  WriteLabels(request.labels(), out);
  out.String(request.user_id());
}

void Write(const v1::UpdateUserRequest& request, TokenWriter& out) {
  const v1::User& user = request.user();
  const std::set<std::string> paths(request.update_mask().paths().begin(), request.update_mask().paths().end());
  out.String("UpdateUser");
  out.String(user.user_id());
  out.String(user.etag());
  out.String(user.email());
  out.String(user.display_name());
  out.Int(static_cast<uint64_t>(user.status()));
  WriteLabels(user.labels(), out);
  out.Int(paths.size());
  for (const std::string& path : paths) out.String(path);
}

void Write(const v1::DeleteUserRequest& request, TokenWriter& out) {
  out.String("DeleteUser");
  out.String(request.user_id());
  out.String(request.etag());
}

}  // namespace

std::string Fingerprint(const Command& command) {
  TokenWriter canonical;
  std::visit([&](const auto* request) { Write(*request, canonical); }, command);
  const std::string bytes = canonical.Take();
  std::string digest(32, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
             nullptr);
  return digest;
}

}  // namespace roster::command
