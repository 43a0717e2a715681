#include "rpc-server/verified_tokens.h"

#include <openssl/sha.h>

#include <utility>

namespace roster::rpc {
namespace {

std::string HashOf(absl::string_view token) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

}  // namespace

std::optional<VerifiedToken> VerifiedTokens::Find(absl::string_view token) {
  const std::string hash = HashOf(token);
  absl::MutexLock lock(&mutex_);
  if (const auto found = young_.find(hash); found != young_.end()) return found->second;
  const auto found = old_.find(hash);
  if (found == old_.end()) return std::nullopt;
  const VerifiedToken verified = found->second;
  AddLocked(hash, verified);
  return verified;
}

void VerifiedTokens::Add(absl::string_view token, const VerifiedToken& verified) {
  const std::string hash = HashOf(token);
  absl::MutexLock lock(&mutex_);
  AddLocked(hash, verified);
}

size_t VerifiedTokens::size() {
  absl::MutexLock lock(&mutex_);
  return young_.size() + old_.size();
}

void VerifiedTokens::AddLocked(const std::string& hash, const VerifiedToken& verified) {
  if (young_.size() >= half_) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(hash, verified);
}

}  // namespace roster::rpc
