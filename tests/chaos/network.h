#ifndef ROSTER_TESTS_CHAOS_NETWORK_H_
#define ROSTER_TESTS_CHAOS_NETWORK_H_

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace roster::test::chaos {

// What may be wrong with the network between two programs.
enum class LinkFault {
  kNone,
  // Connections are closed, and new ones at once.
  kCut,
  // Every byte arrives 200 ms later.
  kDelayed,
  // One end is gone without a word: nothing is answered, and connections stay open for ever, also after the fault.
  kHalfOpen,
  // What the client sends, or what the server sends, does not arrive until the fault is over.
  kRequestsLost,
  kResponsesLost,
};

// A way from one program to one port of another: a TCP proxy in this process. Nothing is reordered or altered; like
// TCP, it keeps what a fault holds up, and delivers it afterwards where the connection lives.
//
// Thread safety: safe from any thread.
class Link {
 public:
  // Listens on a free loopback port; connections go nowhere before SetTarget.
  Link();
  ~Link();

  int port() const { return port_; }
  // The loopback port that connections go to from now on.
  void SetTarget(int port) { target_ = port; }
  // Replaces the fault that there was.
  void Set(LinkFault fault);

 private:
  class Connection;

  void Accept();

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> target_ = 0;
  absl::Mutex mutex_;
  LinkFault fault_ ABSL_GUARDED_BY(mutex_) = LinkFault::kNone;
  std::list<std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_NETWORK_H_
