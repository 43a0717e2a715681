#include "rpc-server/jose_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "google/protobuf/util/json_util.h"

namespace roster::rpc {

std::optional<google::protobuf::Struct> ParseJsonObject(absl::string_view text) {
  google::protobuf::Struct object;
  if (!google::protobuf::util::JsonStringToMessage(std::string(text), &object).ok()) return std::nullopt;
  return object;
}

const google::protobuf::Value* FindMember(const google::protobuf::Struct& object, const std::string& name) {
  const auto found = object.fields().find(name);
  return found == object.fields().end() ? nullptr : &found->second;
}

std::string StringMember(const google::protobuf::Struct& object, const std::string& name) {
  const google::protobuf::Value* const member = FindMember(object, name);
  return member == nullptr ? "" : member->string_value();
}

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  const bool clean = std::all_of(text.begin(), text.end(),
                                 [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; });
  std::string bytes;
  if (!clean || !absl::WebSafeBase64Unescape(text, &bytes)) return std::nullopt;
  return bytes;
}

}  // namespace roster::rpc
