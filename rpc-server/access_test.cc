#include "rpc-server/access.h"

#include <filesystem>

#include "absl/strings/escaping.h"
#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "rpc-server/credentials_for_test.h"
#include "rpc-server/guarded_server_for_test.h"

namespace roster::rpc {
namespace {

constexpr char kMissing[] = "UNAUTHENTICATED/CREDENTIALS_MISSING";
constexpr char kInvalid[] = "UNAUTHENTICATED/CREDENTIALS_INVALID";
constexpr char kExpired[] = "UNAUTHENTICATED/CREDENTIALS_EXPIRED";
constexpr char kRoleRequired[] = "PERMISSION_DENIED/ROLE_REQUIRED";
constexpr char kOverLimit[] = "RESOURCE_EXHAUSTED/CALLER_OVER_LIMIT";
constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

// Takes long to make.
const TestSigner& RsaSigner() {
  static const auto* const kSigner = new TestSigner(TestSigner::Rsa("r1"));
  return *kSigner;
}

// A server that takes tokens of three keys, by a JWKS file, and of a secret.
class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    ReplaceFile(dir_.File("jwks"), Jwks({rsa_, p256_, ed25519_}));
    ReplaceFile(dir_.File("secret"), absl::StrCat(kSecret, "\n"));
    ReplaceFile(dir_.File("roles"), "reader token ann\n");
    options_.auth_jwks = dir_.File("jwks");
    options_.auth_secret_file = dir_.File("secret");
    options_.auth_audience = "roster";
    options_.auth_roles = dir_.File("roles");
    options_.clock = &clock_;
    // At each call.
    options_.auth_refresh = absl::ZeroDuration();
  }

  void Start() {
    server_ = std::make_unique<GuardedServer>(options_);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  }

  // Of both methods, which must agree.
  std::string Call(const std::string& token) {
    if (server_ == nullptr) Start();
    const std::string outcome = Outcome(GetUser(channel_, token));
    EXPECT_EQ(Outcome(ListUsers(channel_, token)), outcome);
    return outcome;
  }

  // Claims that are all right.
  std::string Claims(const std::string& role = "reader") const {
    return TestClaims("bea", role, clock_.Now() + absl::Hours(1));
  }

  TempDir dir_;
  FakeClock clock_;
  const TestSigner& rsa_ = RsaSigner();
  const TestSigner p256_ = TestSigner::P256("e1");
  const TestSigner ed25519_ = TestSigner::Ed25519("d1");
  const TestSigner secret_ = TestSigner::Secret(kSecret);
  SecurityOptions options_;
  std::unique_ptr<GuardedServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(AccessTest, TokenOfEachAlgorithmLetsIn) {
  EXPECT_EQ(Call(rsa_.Sign(Claims())), "OK");
  EXPECT_EQ(Call(p256_.Sign(Claims())), "OK");
  EXPECT_EQ(Call(ed25519_.Sign(Claims())), "OK");
  EXPECT_EQ(Call(secret_.Sign(Claims())), "OK");
}

TEST_F(AccessTest, CallWithoutTokenIsRefused) { EXPECT_EQ(Call(""), kMissing); }

TEST_F(AccessTest, WhatIsNoTokenIsRefused) {
  for (const char* token : {"x", "a.b.c", "..", "e30.e30.", "e30.e30.e30.e30", "\"", "e30"}) {
    EXPECT_EQ(Call(token), kInvalid) << token;
  }
  EXPECT_EQ(Call(std::string(8193, 'a')), kInvalid);
  EXPECT_EQ(Call(absl::StrCat(absl::WebSafeBase64Escape(std::string(3000, '[')), ".e30.e30")), kInvalid);
}

TEST_F(AccessTest, ManyWrongTokensShutTheirAddressOutButForKnownOnes) {
  const std::string known = p256_.Sign(Claims());
  EXPECT_EQ(Call(known), "OK");
  std::string outcome;
  for (int i = 0; i < 1000 && outcome != kOverLimit; ++i) outcome = Outcome(GetUser(channel_, "e30.e30.e30"));
  EXPECT_EQ(outcome, kOverLimit);
  EXPECT_EQ(Call(known), "OK");
}

TEST_F(AccessTest, OtherSchemesAndSeveralTokensAreRefused) {
  Start();
  const std::string token = rsa_.Sign(Claims());
  for (const auto& values : std::vector<std::vector<std::string>>{
           {"Basic YTpi"}, {token}, {"Bearer"}, {"Bearer " + token, "Bearer " + token}}) {
    grpc::ClientContext context;
    for (const std::string& value : values) context.AddMetadata("authorization", value);
    v1::GetUserResponse response;
    EXPECT_EQ(Outcome(v1::UserQueryService::NewStub(channel_)->GetUser(&context, {}, &response)), kInvalid);
  }
}

TEST_F(AccessTest, ChangedTokenIsRefused) {
  const std::string token = p256_.Sign(Claims());
  const size_t claims = token.find('.') + 1;
  std::string other = p256_.Sign(Claims("admin"));
  // The claims of one with the signature of the other.
  EXPECT_EQ(Call(other.substr(0, other.rfind('.')) + token.substr(token.rfind('.'))), kInvalid);
  EXPECT_EQ(Call(token.substr(0, claims) + "e30" + token.substr(token.rfind('.'))), kInvalid);
  EXPECT_EQ(Call(token.substr(0, token.size() - 8)), kInvalid);
  EXPECT_EQ(Call(token), "OK");
}

TEST_F(AccessTest, TokenOfAnUnknownKeyIsRefused) {
  EXPECT_EQ(Call(TestSigner::Rsa("r1").Sign(Claims())), kInvalid);
  EXPECT_EQ(Call(TestSigner::P256("e2").Sign(Claims())), kInvalid);
  EXPECT_EQ(Call(TestSigner::Secret("another secret of thirty-two bytes").Sign(Claims())), kInvalid);
}

TEST_F(AccessTest, TokenWithoutAlgorithmIsRefused) {
  for (const char* alg : {"none", "None", "NONE", "", "HS512", "RS512"}) {
    const std::string header = absl::StrCat("{\"alg\":\"", alg, "\"}");
    const std::string token = secret_.SignWithHeader(header, Claims());
    EXPECT_EQ(Call(token), kInvalid) << alg;
    EXPECT_EQ(Call(token.substr(0, token.rfind('.') + 1)), kInvalid) << alg;
  }
  EXPECT_EQ(Call(secret_.SignWithHeader("{}", Claims())), kInvalid);
}

// A server that lets the token choose takes a public key, which everybody knows, for the secret of an HMAC.
TEST_F(AccessTest, PublicKeyIsNoSecret) {
  for (const std::string& known : {rsa_.PublicPem(), p256_.PublicPem(), rsa_.Jwk(), Jwks({rsa_, p256_, ed25519_})}) {
    const TestSigner forger = TestSigner::Secret(known);
    for (const char* header : {R"({"alg":"HS256","kid":"r1"})", R"({"alg":"HS256","kid":"e1"})", R"({"alg":"HS256"})",
                               R"({"alg":"RS256","kid":"r1"})", R"({"alg":"EdDSA","kid":"d1"})"}) {
      EXPECT_EQ(Call(forger.SignWithHeader(header, Claims())), kInvalid) << header;
    }
  }
}

TEST_F(AccessTest, KeyServesItsOwnAlgorithmOnly) {
  EXPECT_EQ(Call(rsa_.SignWithHeader(R"({"alg":"ES256","kid":"r1"})", Claims())), kInvalid);
  EXPECT_EQ(Call(p256_.SignWithHeader(R"({"alg":"RS256","kid":"r1"})", Claims())), kInvalid);
  EXPECT_EQ(Call(p256_.SignWithHeader(R"({"alg":"ES256","kid":"r1"})", Claims())), kInvalid);
}

TEST_F(AccessTest, TokenWithExtensionsThatMustBeKnownIsRefused) {
  EXPECT_EQ(Call(rsa_.SignWithHeader(R"({"alg":"RS256","kid":"r1","crit":["b64"],"b64":false})", Claims())), kInvalid);
}

TEST_F(AccessTest, TokenForAnotherAudienceIsRefused) {
  const int64_t exp = absl::ToUnixSeconds(clock_.Now()) + 60;
  const auto with = [&](const std::string& aud) {
    return Call(rsa_.Sign(absl::StrCat("{\"sub\":\"ann\",\"exp\":", exp, aud, "}")));
  };
  EXPECT_EQ(with(R"(,"aud":"elsewhere")"), kInvalid);
  EXPECT_EQ(with(R"(,"aud":["elsewhere","rosters"])"), kInvalid);
  EXPECT_EQ(with(R"(,"aud":{"roster":"roster"})"), kInvalid);
  EXPECT_EQ(with(""), kInvalid);
  EXPECT_EQ(with(R"(,"aud":["elsewhere","roster"])"), "OK");
}

TEST_F(AccessTest, TokenOfAnotherIssuerIsRefused) {
  options_.auth_issuer = "https://id.example.com";
  const int64_t exp = absl::ToUnixSeconds(clock_.Now()) + 60;
  const auto of = [&](const std::string& issuer) {
    return Call(rsa_.Sign(absl::StrCat(R"({"sub":"ann","aud":"roster","iss":")", issuer, R"(","exp":)", exp, "}")));
  };
  EXPECT_EQ(of("https://id.example.com"), "OK");
  EXPECT_EQ(of("https://id.example.com.evil.example"), kInvalid);
  EXPECT_EQ(Call(rsa_.Sign(Claims())), kInvalid);
}

TEST_F(AccessTest, TokenExpiresAlsoWhereItWasGoodBefore) {
  const std::string token = rsa_.Sign(TestClaims("ann", "", clock_.Now() + absl::Minutes(1)));
  EXPECT_EQ(Call(token), "OK");
  clock_.Advance(absl::Seconds(89));
  EXPECT_EQ(Call(token), "OK");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Call(token), kExpired);
  EXPECT_EQ(Call(rsa_.Sign(TestClaims("bea", "admin", clock_.Now() - absl::Hours(1)))), kExpired);
}

TEST_F(AccessTest, TokenIsNotValidBeforeItsTime) {
  const int64_t now = absl::ToUnixSeconds(clock_.Now());
  const std::string token =
      rsa_.Sign(absl::StrCat(R"({"sub":"ann","aud":"roster","nbf":)", now + 60, ",\"exp\":", now + 600, "}"));
  EXPECT_EQ(Call(token), kInvalid);
  clock_.Advance(absl::Seconds(29));
  EXPECT_EQ(Call(token), kInvalid);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Call(token), "OK");
}

TEST_F(AccessTest, TokenMustSayWhenItExpires) {
  for (const char* exp :
       {"", R"(,"exp":"soon")", R"(,"exp":null)", R"(,"exp":-1)", R"(,"exp":1e300)", R"(,"exp":{})"}) {
    EXPECT_EQ(Call(rsa_.Sign(absl::StrCat(R"({"sub":"ann","aud":"roster")", exp, "}"))), kInvalid) << exp;
  }
}

TEST_F(AccessTest, RoleComesFromTheClaimOrFromTheFile) {
  EXPECT_EQ(Call(rsa_.Sign(Claims(""))), kRoleRequired);
  EXPECT_EQ(Call(rsa_.Sign(Claims("Reader"))), kRoleRequired);
  EXPECT_EQ(Call(rsa_.Sign(Claims("writer"))), "OK");
  EXPECT_EQ(Call(rsa_.Sign(TestClaims("ann", "", clock_.Now() + absl::Hours(1)))), "OK");
  const grpc::Status refused = GetUser(channel_, rsa_.Sign(Claims("")));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(refused).value().metadata().at("required_role"), "reader");
}

TEST_F(AccessTest, ReplacedFilesCountForTokensThatWereGoodToo) {
  const std::string token = rsa_.Sign(TestClaims("ann", "", clock_.Now() + absl::Hours(1)));
  EXPECT_EQ(Call(token), "OK");
  ReplaceFile(dir_.File("roles"), "reader token bea\n");
  EXPECT_EQ(Call(token), kRoleRequired);
  ReplaceFile(dir_.File("roles"), "writer token ann\n");
  EXPECT_EQ(Call(token), "OK");
  const TestSigner next = TestSigner::P256("e2");
  ReplaceFile(dir_.File("jwks"), Jwks({next}));
  EXPECT_EQ(Call(token), kInvalid);
  EXPECT_EQ(Call(next.Sign(Claims())), "OK");
}

TEST_F(AccessTest, FileThatCannotBeUsedLeavesAllFormerOnes) {
  const std::string token = rsa_.Sign(Claims());
  EXPECT_EQ(Call(token), "OK");
  ReplaceFile(dir_.File("jwks"), "{");
  EXPECT_EQ(Call(token), "OK");
  std::filesystem::remove(dir_.File("jwks"));
  EXPECT_EQ(Call(token), "OK");
  const std::string next_secret = "the next secret of thirty-two bytes";
  ReplaceFile(dir_.File("secret"), next_secret);
  const std::string by_next = TestSigner::Secret(next_secret).Sign(Claims());
  EXPECT_EQ(Call(by_next), kInvalid);
  ReplaceFile(dir_.File("jwks"), Jwks({p256_}));
  EXPECT_EQ(Call(by_next), "OK");
  EXPECT_EQ(Call(token), kInvalid);
}

class HealthAndReflectionTest : public AccessTest {
 protected:
  grpc::Status CheckHealth(const std::string& token) {
    grpc::ClientContext context;
    AddToken(context, token);
    grpc::health::v1::HealthCheckResponse response;
    return grpc::health::v1::Health::NewStub(channel_)->Check(&context, {}, &response);
  }

  grpc::Status WatchHealth(const std::string& token) {
    grpc::ClientContext context;
    AddToken(context, token);
    grpc::health::v1::HealthCheckResponse response;
    const auto stream = grpc::health::v1::Health::NewStub(channel_)->Watch(&context, {});
    if (stream->Read(&response)) return grpc::Status::OK;
    return stream->Finish();
  }

  grpc::Status Reflect(const std::string& token) {
    grpc::ClientContext context;
    AddToken(context, token);
    const auto stream = grpc::reflection::v1::ServerReflection::NewStub(channel_)->ServerReflectionInfo(&context);
    grpc::reflection::v1::ServerReflectionRequest request;
    request.set_list_services("*");
    stream->WriteLast(request, {});
    grpc::reflection::v1::ServerReflectionResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish();
  }
};

TEST_F(HealthAndReflectionTest, HealthIsOpenAndReflectionNeedsAReader) {
  Start();
  EXPECT_EQ(Outcome(CheckHealth("")), "OK");
  EXPECT_EQ(Outcome(WatchHealth("")), "OK");
  EXPECT_EQ(Outcome(Reflect("")), kMissing);
  EXPECT_EQ(Outcome(Reflect(rsa_.Sign(Claims("")))), kRoleRequired);
  EXPECT_EQ(Outcome(Reflect(rsa_.Sign(Claims()))), "OK");
}

TEST_F(HealthAndReflectionTest, HealthNeedsAReaderWhereItIsToldTo) {
  options_.auth_health = "required";
  Start();
  EXPECT_EQ(Outcome(CheckHealth("")), kMissing);
  EXPECT_EQ(Outcome(WatchHealth("")), kMissing);
  EXPECT_EQ(Outcome(CheckHealth(rsa_.Sign(Claims()))), "OK");
  EXPECT_EQ(Outcome(WatchHealth(rsa_.Sign(Claims()))), "OK");
}

TEST_F(AccessTest, ServerWithoutAuthenticationAsksForNothing) {
  options_ = {};
  EXPECT_EQ(Call(""), "OK");
  EXPECT_EQ(Call("whatever"), "OK");
}

// Each caller has one call a second.
class LimitedAccessTest : public AccessTest {
 protected:
  LimitedAccessTest() {
    server_ = std::make_unique<GuardedServer>(options_, CallerLimitOptions{.calls_per_second = 1});
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  }

  // Whether one of many calls in a row is refused.
  bool IsLimited(const std::string& token) {
    for (int i = 0; i < 1000; ++i) {
      if (Outcome(GetUser(channel_, token)) == kOverLimit) return true;
    }
    return false;
  }
};

TEST_F(LimitedAccessTest, CallersAreCountedByTheirTokensSubject) {
  const std::string bea = p256_.Sign(Claims());
  EXPECT_TRUE(IsLimited(bea));
  // Another token of the same caller.
  EXPECT_EQ(Outcome(GetUser(channel_, rsa_.Sign(Claims("writer")))), kOverLimit);
  EXPECT_EQ(Outcome(GetUser(channel_, p256_.Sign(TestClaims("ann", "", clock_.Now() + absl::Hours(1))))), "OK");
}

}  // namespace
}  // namespace roster::rpc
