#ifndef ROSTER_QUERY_SERVICE_QUERY_SERVICE_H_
#define ROSTER_QUERY_SERVICE_QUERY_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "query-service/options.h"

namespace roster::query_service {

// The query service, whole: what main runs, and tests run in process. Serves roster.v1.UserQueryService from a read
// model that a projector keeps, and follows it wherever it goes.
//
// Thread safety: one thread.
class QueryService {
 public:
  // Starts serving. The read model need not be there yet: calls get NOT_READY until it is. Errors name the option that
  // is wrong.
  static absl::StatusOr<std::unique_ptr<QueryService>> Start(const QueryServiceOptions& options);
  ~QueryService();

  // HOST:PORT with the port that was taken.
  const std::string& address() const;
  // What it counts of itself.
  const metrics::Registry& metrics() const;
  // Calls from within the process.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Health to NOT_SERVING, watches end with a last resume token and waiting reads with SHUTTING_DOWN, what else was
  // accepted is finished; what is left after the drain timeout is cancelled. Once; the destructor does it too.
  void Stop();

 private:
  struct Parts;
  explicit QueryService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_QUERY_SERVICE_H_
