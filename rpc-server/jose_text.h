#ifndef ROSTER_RPC_SERVER_JOSE_TEXT_H_
#define ROSTER_RPC_SERVER_JOSE_TEXT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace roster::rpc {

// What key files and tokens are written in (RFC 7515 and 7517).

// A JSON object; absent where `text` is none.
std::optional<google::protobuf::Struct> ParseJsonObject(absl::string_view text);

// A member of an object; null where it is not there.
const google::protobuf::Value* FindMember(const google::protobuf::Struct& object, const std::string& name);

// A member that is a string; empty where it is not there, or something else.
std::string StringMember(const google::protobuf::Struct& object, const std::string& name);

// Bytes of base64url without padding; absent where `text` has any other character.
std::optional<std::string> DecodeBase64Url(absl::string_view text);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_JOSE_TEXT_H_
