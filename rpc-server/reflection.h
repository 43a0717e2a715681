#ifndef ROSTER_RPC_SERVER_REFLECTION_H_
#define ROSTER_RPC_SERVER_REFLECTION_H_

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/impl/codegen/service_type.h"
#include "rpc-server/method_guard.h"
#include "rpc-server/rpc_metrics.h"

namespace roster::rpc {

// Server reflection, by which grpcurl and its like learn the contract: grpc.reflection.v1, and v1alpha for older tools.
// The library has only v1alpha.
//
// Thread safety: safe from any thread.
class Reflection {
 public:
  // `service_names`: what to list, beside health and reflection itself. `guard`: who may ask. `metrics` must outlive
  // it.
  Reflection(std::vector<std::string> service_names, const MethodGuard& guard, RpcMetrics& metrics);
  ~Reflection();

  // To be registered with the server. They live as long as this object.
  std::vector<grpc::Service*> services() const;

 private:
  std::vector<std::unique_ptr<grpc::Service>> services_;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_REFLECTION_H_
