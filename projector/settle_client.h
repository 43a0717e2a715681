#ifndef ROSTER_PROJECTOR_SETTLE_CLIENT_H_
#define ROSTER_PROJECTOR_SETTLE_CLIENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "projector/control.pb.h"
#include "read-model/folder.h"

namespace roster::projector {

enum class Settlement { kRedrive, kDiscard };

// Redrives or discards the dead letters that `request` names: asks the projector that runs on the folder, or takes its
// place under its lock where none runs. UNAVAILABLE where a projector runs and cannot write just now.
absl::StatusOr<control::SettleDeadLettersResponse> SettleDeadLetters(const read_model::Folder& folder,
                                                                     Settlement settlement,
                                                                     const control::SettleDeadLettersRequest& request,
                                                                     const Clock& clock);

// What the running projector says of its health: "serving", "not serving", "not answering" (it is there, and says
// nothing for two seconds) or "not running".
std::string ProbeProjector(const read_model::Folder& folder);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_SETTLE_CLIENT_H_
