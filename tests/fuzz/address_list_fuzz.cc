// Lists of HOST:PORT, as clients and --log take them: what is accepted is read the same again.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/endpoints.h"
#include "event-log/kafka/kafka_properties.h"
#include "tests/fuzz/fuzz.h"

namespace roster {

ROSTER_FUZZER(address_list) {
  if (const auto addresses = client::ParseAddresses(input); addresses.ok()) {
    FUZZ_CHECK(!addresses->empty() && addresses->size() <= 100);
    for (const std::string& address : *addresses) FUZZ_CHECK(!address.empty() && !absl::StrContains(address, ','));
    FUZZ_CHECK(client::ParseAddresses(absl::StrJoin(*addresses, ",")).value() == *addresses);
    FUZZ_CHECK(client::ParseAddresses(absl::StrJoin(*addresses, " , ")).value() == *addresses);
  }
  const auto kafka = event_log::kafka::ParseKafkaAddress(input);
  if (!kafka.ok()) return;
  FUZZ_CHECK(!kafka->topic.empty() && kafka->topic.size() <= 240);
  FUZZ_CHECK(absl::StrCat(kafka->brokers, "/", kafka->topic) == input);
  for (const char c : kafka->brokers) FUZZ_CHECK(c > ' ' && c != '\x7f');
}

}  // namespace roster
