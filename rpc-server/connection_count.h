#ifndef ROSTER_RPC_SERVER_CONNECTION_COUNT_H_
#define ROSTER_RPC_SERVER_CONNECTION_COUNT_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace roster::rpc {

// 0: any number.
struct ConnectionLimits {
  int in_all = 0;
  int per_address = 0;
};

// The connections that were handed to gRPC, which closes them without a word. So each is remembered by its file
// descriptor and what that was open on; one that is now open on something else, or on nothing, is over. That is looked
// at when a limit is reached, and at most ten times a second: until then a connection that is over may count.
//
// Thread safety: one thread.
class ConnectionCount {
 public:
  explicit ConnectionCount(const ConnectionLimits& limits) : limits_(limits) {}

  // Whether one more of `address` may be let in, at the time `now` (SteadyNow).
  bool HasRoomFor(const std::string& address, absl::Time now);
  // Remembers a connection, before gRPC has it.
  void Add(int fd, const std::string& address);

  // At most; see above.
  size_t size() const { return by_fd_.size(); }

 private:
  struct Connection {
    ino_t inode;
    std::string address;
  };

  bool HasRoomNow(const std::string& address) const;
  void ForgetThoseThatAreOver();
  void Release(const std::string& address);

  const ConnectionLimits limits_;
  absl::flat_hash_map<int, Connection> by_fd_;
  absl::flat_hash_map<std::string, int> by_address_;
  absl::Time next_look_ = absl::InfinitePast();
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_CONNECTION_COUNT_H_
