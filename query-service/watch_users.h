#ifndef ROSTER_QUERY_SERVICE_WATCH_USERS_H_
#define ROSTER_QUERY_SERVICE_WATCH_USERS_H_

#include <memory>

#include "query-service/raw_call.h"
#include "query-service/worker.h"

namespace roster::query_service {

// UserQueryService.WatchUsers. Sends a batch as one message (watch_feed.h), and the next when that is out; with nothing
// to send it waits for the read model to change. Having sent changes it sends the next ones a little later, the more
// watches are open, so that what comes close together shares a message. A slow reader costs one message of memory, and
// loses nothing: what it was too slow for it gets as each user's last state.
std::unique_ptr<RawStreamCall::Handler> MakeWatchUsersHandler(Worker& worker, RawStreamCall& call);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WATCH_USERS_H_
