#ifndef ROSTER_QUERY_SERVICE_WATCH_USERS_H_
#define ROSTER_QUERY_SERVICE_WATCH_USERS_H_

#include <memory>

#include "query-service/raw_call.h"
#include "query-service/worker.h"

namespace roster::query_service {

// UserQueryService.WatchUsers. Reads a batch from one snapshot, sends it user by user, and reads the next when it is
// out; with nothing to send it waits for the read model to change. A slow reader costs one batch of memory, and loses
// nothing: what it was too slow for it gets as each user's last state.
std::unique_ptr<RawStreamCall::Handler> MakeWatchUsersHandler(Worker& worker, RawStreamCall& call);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WATCH_USERS_H_
