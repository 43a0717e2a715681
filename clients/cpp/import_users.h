#ifndef ROSTER_CLIENTS_CPP_IMPORT_USERS_H_
#define ROSTER_CLIENTS_CPP_IMPORT_USERS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/retry.h"
#include "roster/v1/user_command_service.pb.h"

namespace roster::client {

// Rows that travel in one request, each with the caller's own number for it.
struct ImportBatch {
  // 1 to 1000 rows, each with a request_id.
  v1::ImportUsersRequest request;
  std::vector<int64_t> row_numbers;
};

struct ImportOptions {
  // Batches sent ahead of their answers: enough to keep the service busy while answers travel. What is held in memory.
  int window = 4;
  CallOptions call;
};

// The next batch, or nothing at the end. Called in another thread than ImportUsers, one call at a time; an error ends
// the import once what was sent before is answered.
using NextImportBatch = std::function<absl::StatusOr<std::optional<ImportBatch>>()>;

// Hears of each batch once, in order, in the thread of ImportUsers. `response` has a result for each row.
using OnImportAnswer = std::function<void(const ImportBatch& batch, const v1::ImportUsersResponse& response)>;

// Signs up many users. A stream that is cut, or a row refused for a reason that passes (OVERLOADED, LOG_UNAVAILABLE and
// so on), is followed by another stream on which all that was not answered is sent again, with the same request_ids: so
// nothing is recorded twice. Gives up when nothing was answered for options.call.timeout, with the last failure.
//
// Returns OK when every batch was answered, whatever became of the rows. After an error, what was answered is recorded,
// and what was not may be: the same import may be made again.
absl::Status ImportUsers(Endpoints& endpoints, const ImportOptions& options, const NextImportBatch& next,
                         const OnImportAnswer& on_answer);

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_IMPORT_USERS_H_
