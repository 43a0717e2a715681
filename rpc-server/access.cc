#include "rpc-server/access.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/log.h"
#include "base/steady_time.h"
#include "rpc-server/bearer_token.h"
#include "rpc-server/error_reason.h"
#include "rpc-server/peer_address.h"
#include "rpc-server/role_map.h"

namespace roster::rpc {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;
// A SHA-256 and a few words each: below 2 MiB.
constexpr size_t kVerifiedTokens = 8192;

// By address. What a program with a wrong token sends in an hour of trying once a second is far below.
constexpr int kWrongTokensPerSecond = 20;
constexpr absl::Duration kWrongTokensBurst = absl::Seconds(5);

constexpr char kSubjectAltName[] = "x509_subject_alternative_name";
constexpr char kCommonName[] = "x509_common_name";

absl::Status Unauthenticated(v1::ErrorReason reason, absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kUnauthenticated, reason, message);
}

// Reads what `flag` names; an error says which flag that is. An empty `path` gives an empty `Parsed`.
template <typename Parsed>
absl::StatusOr<Parsed> ReadFile(absl::string_view flag, const std::string& path,
                                absl::StatusOr<Parsed> (*parse)(absl::string_view)) {
  if (path.empty()) return Parsed();
  absl::StatusOr<std::string> content = ReadWholeFile(path, kMaxFileBytes);
  if (!content.ok()) return absl::FailedPreconditionError(absl::StrCat(flag, ": ", content.status().message()));
  absl::StatusOr<Parsed> parsed = parse(*content);
  if (parsed.ok()) return parsed;
  return absl::FailedPreconditionError(
      absl::StrCat(flag, ": the file ", path, " cannot be used: ", parsed.status().message()));
}

absl::StatusOr<std::vector<TokenKey>> ParseSecretFile(absl::string_view content) {
  ROSTER_ASSIGN_OR_RETURN(TokenKey key, ParseSecret(content));
  return std::vector<TokenKey>{std::move(key)};
}

}  // namespace

struct Access::Rules {
  TokenRules tokens;
  RoleMap roles;
  // Found good by these rules.
  VerifiedTokens verified{kVerifiedTokens};
};

Access::Access(const AccessOptions& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      wrong_tokens_(kWrongTokensPerSecond, kWrongTokensBurst),
      next_look_(SteadyNow() + options_.refresh),
      jwks_file_(options.jwks_file),
      secret_file_(options.secret_file),
      roles_file_(options.roles_file) {}

Access::~Access() = default;

absl::StatusOr<std::unique_ptr<Access>> Access::Create(const AccessOptions& options, const Clock& clock) {
  auto access = std::unique_ptr<Access>(new Access(options, clock));
  ROSTER_ASSIGN_OR_RETURN(std::shared_ptr<Rules> rules, access->ReadRules());
  absl::MutexLock lock(&access->mutex_);
  access->rules_ = std::move(rules);
  return access;
}

absl::StatusOr<std::shared_ptr<Access::Rules>> Access::ReadRules() const {
  auto rules = std::make_shared<Rules>();
  ROSTER_ASSIGN_OR_RETURN(rules->tokens.keys, ReadFile("--auth-jwks", options_.jwks_file, ParseJwks));
  ROSTER_ASSIGN_OR_RETURN(std::vector<TokenKey> secret,
                          ReadFile("--auth-secret-file", options_.secret_file, ParseSecretFile));
  for (TokenKey& key : secret) rules->tokens.keys.push_back(std::move(key));
  rules->tokens.audience = options_.audience;
  rules->tokens.issuer = options_.issuer;
  ROSTER_ASSIGN_OR_RETURN(rules->roles, ReadFile("--auth-roles", options_.roles_file, RoleMap::Parse));
  return rules;
}

std::shared_ptr<Access::Rules> Access::CurrentRules() {
  const absl::Time now = SteadyNow();
  absl::MutexLock lock(&mutex_);
  if (now < next_look_) return rules_;
  next_look_ = now + options_.refresh;
  // All three are asked, so that what changed at once is read once.
  const bool jwks_changed = jwks_file_.Changed();
  const bool secret_changed = secret_file_.Changed();
  if (!roles_file_.Changed() && !jwks_changed && !secret_changed) return rules_;
  absl::StatusOr<std::shared_ptr<Rules>> read = ReadRules();
  if (read.ok()) {
    rules_ = *std::move(read);
    Log(LogLevel::kInfo, "keys and roles of callers were read anew");
  } else {
    Log(LogLevel::kError, "changed keys or roles of callers cannot be used; the former ones stay in force",
        {{"error", read.status()}});
  }
  return rules_;
}

absl::StatusOr<std::string> Access::Check(const grpc::ServerContext& context, Role needed) {
  ROSTER_ASSIGN_OR_RETURN(Caller caller, CallerOf(context));
  if (caller.role && *caller.role >= needed) {
    return caller.name.empty() ? PeerAddress(context.peer()) : std::move(caller.name);
  }
  ErrorDetails details;
  details.metadata["required_role"] = RoleName(needed);
  if (caller.role) details.metadata["role"] = RoleName(*caller.role);
  return ErrorWithReason(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_ROLE_REQUIRED,
                         absl::StrCat("this needs the role ", RoleName(needed), ", and the caller has ",
                                      caller.role ? RoleName(*caller.role) : "none"),
                         std::move(details));
}

absl::StatusOr<Access::Caller> Access::CallerOf(const grpc::ServerContext& context) {
  const std::shared_ptr<Rules> rules = CurrentRules();
  const auto [first, end] = context.client_metadata().equal_range("authorization");
  if (first != end && !rules->tokens.keys.empty()) {
    absl::string_view value(first->second.data(), first->second.size());
    constexpr absl::string_view kScheme = "Bearer ";
    const bool bearer = absl::StartsWithIgnoreCase(value, kScheme) && std::next(first) == end;
    if (bearer) return CallerOfToken(context, value.substr(kScheme.size()), *rules);
    return Unauthenticated(v1::ERROR_REASON_CREDENTIALS_INVALID, "authorization is not one `Bearer TOKEN`");
  }
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (options_.client_certificates && peer != nullptr && peer->IsPeerAuthenticated()) {
    return CallerOfCertificate(*peer, *rules);
  }
  return Unauthenticated(v1::ERROR_REASON_CREDENTIALS_MISSING,
                         rules->tokens.keys.empty()     ? "a client certificate is needed"
                         : options_.client_certificates ? "a bearer token or a client certificate is needed"
                                                        : "a bearer token is needed");
}

absl::StatusOr<Access::Caller> Access::CallerOfToken(const grpc::ServerContext& context, absl::string_view token,
                                                     Rules& rules) {
  std::optional<VerifiedToken> verified = rules.verified.Find(token);
  if (!verified) {
    ROSTER_ASSIGN_OR_RETURN(verified, Verify(context, token, rules));
  }
  ROSTER_RETURN_IF_ERROR(CheckTokenTimes(verified->times, clock_.Now()));
  return Caller{verified->caller, verified->role};
}

absl::StatusOr<VerifiedToken> Access::Verify(const grpc::ServerContext& context, absl::string_view token,
                                             Rules& rules) {
  const std::string address = PeerAddress(context.peer());
  const absl::Time now = SteadyNow();
  if (const absl::Duration wait = wrong_tokens_.WaitOf(address, now); wait > absl::ZeroDuration()) {
    return ErrorWithReason(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALLER_OVER_LIMIT,
                           "too many wrong tokens came from this address", {.retry_delay = wait});
  }
  const absl::StatusOr<TokenClaims> claims = VerifyBearerToken(token, rules.tokens);
  if (!claims.ok()) {
    wrong_tokens_.Count(address, now);
    return claims.status();
  }
  VerifiedToken verified{.role = claims->role, .times = claims->times, .caller = ""};
  // A token without a subject is nobody's, and no "*" either.
  if (!claims->subject.empty()) {
    verified.role = HigherRole(verified.role, rules.roles.OfToken(claims->subject));
    verified.caller = absl::StrCat("token ", claims->subject);
  }
  rules.verified.Add(token, verified);
  return verified;
}

Access::Caller Access::CallerOfCertificate(const grpc::AuthContext& peer, const Rules& rules) const {
  Caller caller;
  std::vector<grpc::string_ref> names = peer.FindPropertyValues(kSubjectAltName);
  if (names.empty()) names = peer.FindPropertyValues(kCommonName);
  for (const grpc::string_ref& name : names) {
    const absl::string_view text(name.data(), name.size());
    if (caller.name.empty()) caller.name = absl::StrCat("certificate ", text);
    caller.role = HigherRole(caller.role, rules.roles.OfCertificate(text));
  }
  return caller;
}

}  // namespace roster::rpc
