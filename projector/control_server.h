#ifndef ROSTER_PROJECTOR_CONTROL_SERVER_H_
#define ROSTER_PROJECTOR_CONTROL_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "grpcpp/grpcpp.h"
#include "projector/control.grpc.pb.h"
#include "projector/fold.h"
#include "projector/rebuild.h"

namespace roster::projector {

// Serves ProjectorControl and grpc.health.v1 on a Unix socket: operators' commands run on the fold's thread, since one
// process writes a read model; a rebuild runs beside it. Health is SERVING while the read model has caught up and
// nothing fails.
//
// Thread safety: SetServing from any thread; the rest from one.
class ControlServer {
 public:
  // `fold`, `rebuilder` and `clock` must outlive the server. A socket left by an earlier process is replaced: the
  // caller holds the folder's lock. INVALID_ARGUMENT where the path is too long for a socket.
  static absl::StatusOr<std::unique_ptr<ControlServer>> Start(const std::string& socket_path, Fold& fold,
                                                              Rebuilder& rebuilder, const Clock& clock);
  // Ends the calls under way: the fold must still run, or have ended.
  ~ControlServer();

  void SetServing(bool serving);

 private:
  class Service;
  ControlServer(std::unique_ptr<Service> service, std::unique_ptr<grpc::Server> server);

  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_CONTROL_SERVER_H_
