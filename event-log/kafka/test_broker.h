#ifndef ROSTER_EVENT_LOG_KAFKA_TEST_BROKER_H_
#define ROSTER_EVENT_LOG_KAFKA_TEST_BROKER_H_

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/uuid.h"

// For tests: the real broker that a test run shares (scripts/with-kafka).
namespace roster::event_log::kafka {

// HOST:PORT. Ends the program where there is none: a test that cannot get its broker fails.
inline std::string TestBroker() {
  const char* broker = std::getenv("ROSTER_TEST_KAFKA");
  if (broker == nullptr || *broker == '\0') {
    fprintf(stderr, "ROSTER_TEST_KAFKA names no broker; run this under scripts/with-kafka\n");
    std::exit(1);
  }
  return broker;
}

// A topic that no other test uses.
inline std::string NewTopicName() { return absl::StrCat("test-", UuidV7Generator(SystemClock()).Next()); }

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_TEST_BROKER_H_
