#include "base/temp_dir.h"
#include "event-log/contract_suite.h"
#include "event-log/embedded/embedded_log.h"

namespace roster::event_log {
namespace {

class EmbeddedUnderTest : public LogUnderTest {
 public:
  std::unique_ptr<EventLog> Open(const Clock& clock) override { return OpenEmbeddedLog(dir_.File("log.db"), clock); }

 private:
  TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(Embedded, LogContract,
                         testing::Values(Adapter{.name = "Embedded", .make = std::make_unique<EmbeddedUnderTest>}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace roster::event_log
