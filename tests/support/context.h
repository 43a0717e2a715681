#ifndef ROSTER_TESTS_SUPPORT_CONTEXT_H_
#define ROSTER_TESTS_SUPPORT_CONTEXT_H_

#include "absl/time/clock.h"
#include "grpcpp/client_context.h"

namespace roster::test {

// Of a call with a deadline.
struct Context : grpc::ClientContext {
  explicit Context(absl::Duration timeout = absl::Seconds(30)) {
    set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_CONTEXT_H_
