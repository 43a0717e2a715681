#ifndef ROSTER_RPC_SERVER_GRPC_LOG_H_
#define ROSTER_RPC_SERVER_GRPC_LOG_H_

namespace roster::rpc {

// Has what gRPC says of itself go to the log of the program (base/log.h), as JSON like all else. Its errors are at most
// ten a second, and how many were left out is told with the next: with each handshake that fails it says something, and
// whoever can reach a server can have as many as they like.
//
// For the whole process; to be called again does nothing more. Thread safety: safe from any thread.
void LogWhatGrpcSays();

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_GRPC_LOG_H_
