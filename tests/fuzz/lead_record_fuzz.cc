// Records on the control topic, which others may write too: what is taken for a leader's address can be told to
// callers.
#include "event-log/kafka/lead_record.h"

#include "command-service/refusals.h"
#include "rpc-server/rpc_status.h"
#include "tests/fuzz/fuzz.h"

namespace roster::event_log::kafka {

ROSTER_FUZZER(lead_record) {
  fuzz::InputReader reader(input);
  const std::string key = reader.Bool() ? kLeadKey : reader.Text();
  const absl::string_view value = reader.Rest();
  const std::optional<std::string> address = ParseLeadRecord(key, value);
  if (!address) return;
  FUZZ_CHECK(key == kLeadKey && *address == value);
  FUZZ_CHECK(MakeLeadRecord(*address).value == value);
  // As the callers of a standby get it: within what fits into a call's trailers.
  const std::string error = rpc::ToRpcStatus(command::NotLeader(*address)).SerializeAsString();
  google::rpc::Status sent;
  FUZZ_CHECK(error.size() < 2048 && sent.ParseFromString(error));
}

}  // namespace roster::event_log::kafka
