#ifndef ROSTER_QUERY_SERVICE_GET_READ_MODEL_STATUS_H_
#define ROSTER_QUERY_SERVICE_GET_READ_MODEL_STATUS_H_

#include "query-service/raw_call.h"
#include "query-service/worker.h"

namespace roster::query_service {

// UserQueryService.GetReadModelStatus. Answers as soon as there is a read model, also while it is on its way to the
// log's end.
void HandleGetReadModelStatus(Worker& worker, RawUnaryCall& call);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_GET_READ_MODEL_STATUS_H_
