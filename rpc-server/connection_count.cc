#include "rpc-server/connection_count.h"

#include <sys/stat.h>

#include <optional>
#include <utility>

namespace roster::rpc {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Milliseconds(100);

// What `fd` is open on; absent where it is closed.
std::optional<ino_t> InodeOf(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) return std::nullopt;
  return status.st_ino;
}

bool IsBelow(int count, int limit) { return limit == 0 || count < limit; }

}  // namespace

bool ConnectionCount::HasRoomFor(const std::string& address, absl::Time now) {
  if (HasRoomNow(address)) return true;
  if (now < next_look_) return false;
  next_look_ = now + kBetweenLooks;
  ForgetThoseThatAreOver();
  return HasRoomNow(address);
}

void ConnectionCount::Add(int fd, const std::string& address) {
  const std::optional<ino_t> inode = InodeOf(fd);
  if (!inode) return;
  const auto [place, is_new] = by_fd_.try_emplace(fd);
  // The one before with this descriptor is over, or it would not have been given out again.
  if (!is_new) Release(place->second.address);
  place->second = {*inode, address};
  ++by_address_[address];
}

bool ConnectionCount::HasRoomNow(const std::string& address) const {
  if (!IsBelow(static_cast<int>(by_fd_.size()), limits_.in_all)) return false;
  const auto found = by_address_.find(address);
  return IsBelow(found == by_address_.end() ? 0 : found->second, limits_.per_address);
}

void ConnectionCount::ForgetThoseThatAreOver() {
  for (auto it = by_fd_.begin(); it != by_fd_.end();) {
    const auto connection = it++;
    if (InodeOf(connection->first) == connection->second.inode) continue;
    Release(connection->second.address);
    by_fd_.erase(connection);
  }
}

void ConnectionCount::Release(const std::string& address) {
  const auto found = by_address_.find(address);
  if (--found->second == 0) by_address_.erase(found);
}

}  // namespace roster::rpc
