#ifndef ROSTER_RPC_SERVER_VERIFIED_TOKENS_H_
#define ROSTER_RPC_SERVER_VERIFIED_TOKENS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "rpc-server/bearer_token.h"
#include "rpc-server/role.h"

namespace roster::rpc {

// A token found good, and what it lets its bearer do.
struct VerifiedToken {
  std::optional<Role> role;
  TokenTimes times;
  // Whom limits hold for; empty where the token names nobody.
  std::string caller;
};

// Tokens found good, so that each is verified once and then found by its hash. Holds no token, only SHA-256 of it.
//
// Keeps between half of `capacity` and all of it, those used last among them: when the younger half is full, it becomes
// the older one, and what was in that is forgotten.
//
// Thread safety: safe from any thread.
class VerifiedTokens {
 public:
  explicit VerifiedTokens(size_t capacity) : half_(capacity / 2) {}

  std::optional<VerifiedToken> Find(absl::string_view token);
  void Add(absl::string_view token, const VerifiedToken& verified);

  size_t size();

 private:
  void AddLocked(const std::string& hash, const VerifiedToken& verified) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t half_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, VerifiedToken> young_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, VerifiedToken> old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_VERIFIED_TOKENS_H_
