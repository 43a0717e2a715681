#include "rpc-server/bearer_token.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error.h"
#include "rpc-server/error_reason.h"
#include "rpc-server/jose_text.h"

namespace roster::rpc {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

// The end of the year 9999.
constexpr double kMaxSeconds = 253402300799;

absl::Status Invalid(absl::string_view what) {
  return ErrorWithReason(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_CREDENTIALS_INVALID,
                         absl::StrCat("the bearer token ", what));
}

// The strings of a member that is one string or a list of them.
std::vector<std::string> StringsMember(const Struct& object, const std::string& name) {
  std::vector<std::string> strings;
  const Value* const member = FindMember(object, name);
  if (member == nullptr) return strings;
  if (member->has_string_value()) strings.push_back(member->string_value());
  for (const Value& entry : member->list_value().values()) {
    if (entry.has_string_value()) strings.push_back(entry.string_value());
  }
  return strings;
}

bool HasString(const Struct& object, const std::string& name, const std::string& wanted) {
  for (const std::string& found : StringsMember(object, name)) {
    if (found == wanted) return true;
  }
  return false;
}

// The key that a token of this header must be signed with; null where there is none. A header without `kid` means the
// only key of its algorithm.
const TokenKey* FindKey(const Struct& header, const std::vector<TokenKey>& keys) {
  const std::string algorithm = StringMember(header, "alg");
  const std::string id = StringMember(header, "kid");
  const TokenKey* found = nullptr;
  for (const TokenKey& key : keys) {
    if (key.algorithm() != algorithm) continue;
    // A secret file has no room for an id.
    if (!id.empty() && !key.id().empty() && key.id() != id) continue;
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

// A claim that is a time; an error where it is something else. `missing` where it is not there.
absl::StatusOr<absl::Time> TimeMember(const Struct& claims, const std::string& name, absl::Time missing) {
  const Value* const member = FindMember(claims, name);
  if (member == nullptr) return missing;
  const double seconds = member->number_value();
  // The comparison is false for what is not a number.
  if (!member->has_number_value() || !(seconds >= 0 && seconds <= kMaxSeconds)) {
    return Invalid(absl::StrCat("has no time in its claim ", name));
  }
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

absl::StatusOr<TokenClaims> ReadClaims(const Struct& claims, const TokenRules& rules) {
  if (!rules.audience.empty() && !HasString(claims, "aud", rules.audience)) return Invalid("is for another audience");
  if (!rules.issuer.empty() && StringMember(claims, "iss") != rules.issuer) return Invalid("is of another issuer");
  TokenClaims read;
  ROSTER_ASSIGN_OR_RETURN(read.times.expires, TimeMember(claims, "exp", absl::InfiniteFuture()));
  ROSTER_ASSIGN_OR_RETURN(read.times.not_before, TimeMember(claims, "nbf", absl::InfinitePast()));
  if (read.times.expires == absl::InfiniteFuture()) return Invalid("never expires: its claim exp is missing");
  read.subject = StringMember(claims, "sub");
  for (const std::string& name : StringsMember(claims, "roster_role")) {
    read.role = HigherRole(read.role, ParseRole(name));
  }
  return read;
}

}  // namespace

absl::StatusOr<TokenClaims> VerifyBearerToken(absl::string_view token, const TokenRules& rules) {
  if (token.size() > kMaxBearerTokenBytes)
    return Invalid(absl::StrCat("is longer than ", kMaxBearerTokenBytes, " bytes"));
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return Invalid("is not a signed JWT");
  const std::optional<std::string> header_text = DecodeBase64Url(parts[0]);
  const std::optional<std::string> signature = DecodeBase64Url(parts[2]);
  const std::optional<Struct> header = header_text ? ParseJsonObject(*header_text) : std::nullopt;
  if (!header || !signature) return Invalid("is not a signed JWT");
  // What must be understood, and is not.
  if (FindMember(*header, "crit") != nullptr) return Invalid("has extensions that this server does not know");
  const TokenKey* const key = FindKey(*header, rules.keys);
  if (key == nullptr) return Invalid("names no key and algorithm of this server");
  const absl::string_view signed_bytes = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!key->Verifies(signed_bytes, *signature)) return Invalid("has a wrong signature");
  const std::optional<std::string> claims_text = DecodeBase64Url(parts[1]);
  const std::optional<Struct> claims = claims_text ? ParseJsonObject(*claims_text) : std::nullopt;
  if (!claims) return Invalid("has no claims");
  return ReadClaims(*claims, rules);
}

absl::Status CheckTokenTimes(const TokenTimes& times, absl::Time now) {
  if (now >= times.expires + kTokenLeeway) {
    return ErrorWithReason(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_CREDENTIALS_EXPIRED,
                           "the bearer token has expired: get a new one");
  }
  if (now + kTokenLeeway < times.not_before) return Invalid("is not valid yet");
  return absl::OkStatus();
}

}  // namespace roster::rpc
