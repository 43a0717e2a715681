#include "rpc-server/grpc_log.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "grpc/support/log.h"
#include "gtest/gtest.h"

namespace roster::rpc {
namespace {

TEST(GrpcLogTest, ErrorsOfGrpcAreLinesOfTheLogAndDoNotFloodIt) {
  LogWhatGrpcSays();
  testing::internal::CaptureStderr();
  for (int i = 0; i < 10'000; ++i) gpr_log(GPR_ERROR, "a \"handshake\" failed");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, testing::StartsWith("{"));
  EXPECT_THAT(log, testing::HasSubstr(R"("text":"a \"handshake\" failed")"));
  EXPECT_LT(std::count(log.begin(), log.end(), '\n'), 5'000);
}

}  // namespace
}  // namespace roster::rpc
