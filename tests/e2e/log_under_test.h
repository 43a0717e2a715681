#ifndef ROSTER_TESTS_E2E_LOG_UNDER_TEST_H_
#define ROSTER_TESTS_E2E_LOG_UNDER_TEST_H_

#include <string>

#include "gtest/gtest.h"
#include "tests/support/roster_processes.h"

namespace roster::test {

// The log that this test program runs on: each suite is built once for each log, so that the embedded half runs without
// a broker.
#ifdef ROSTER_TEST_ON_KAFKA
inline auto LogsUnderTest() { return testing::Values(LogKind::kKafka); }
#else
inline auto LogsUnderTest() { return testing::Values(LogKind::kEmbedded); }
#endif

inline std::string LogName(const testing::TestParamInfo<LogKind>& info) {
  return info.param == LogKind::kKafka ? "KafkaLog" : "EmbeddedLog";
}

}  // namespace roster::test

#endif  // ROSTER_TESTS_E2E_LOG_UNDER_TEST_H_
