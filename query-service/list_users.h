#ifndef ROSTER_QUERY_SERVICE_LIST_USERS_H_
#define ROSTER_QUERY_SERVICE_LIST_USERS_H_

#include <memory>

#include "query-service/raw_call.h"
#include "query-service/worker.h"

namespace roster::query_service {

// UserQueryService.ListUsers. One page a turn of the worker: the next is read when the one before has gone out, from a
// snapshot of its own, and none is held while a page is on its way. A slow reader costs one page of memory.
std::unique_ptr<RawStreamCall::Handler> MakeListUsersHandler(Worker& worker, RawStreamCall& call);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_LIST_USERS_H_
