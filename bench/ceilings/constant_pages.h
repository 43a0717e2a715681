#ifndef ROSTER_BENCH_CEILINGS_CONSTANT_PAGES_H_
#define ROSTER_BENCH_CEILINGS_CONSTANT_PAGES_H_

#include <memory>

#include "query-service/raw_call.h"

namespace roster::bench {

// Answers a ListUsersRequest with pages of `page_size` users until it has sent `limit` of them, a whole number of pages
// or not. The page is made once: what is left is gRPC's work.
std::unique_ptr<query_service::RawStreamCall::Handler> MakeConstantPages(query_service::RawStreamCall& call);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_CONSTANT_PAGES_H_
