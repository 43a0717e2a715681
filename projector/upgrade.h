#ifndef ROSTER_PROJECTOR_UPGRADE_H_
#define ROSTER_PROJECTOR_UPGRADE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "projector/rebuild.h"
#include "read-model/folder.h"

namespace roster::projector {

// Where the live generation `live` is of an older schema: makes a new one from the log, which takes its place when the
// users are the same in the columns that both have (or when the old one is so old that no reader of this version serves
// it). The old one is served meanwhile, as it stands. Does nothing for any other file, also one that is damaged or
// newer.
//
// `rebuilder` is that of the folder, and nobody writes the read model. FAILED_PRECONDITION: users differ; the message
// says what to do. UNAVAILABLE: try again. CANCELLED: `keep_going` turned false.
absl::Status UpgradeReadModel(Rebuilder& rebuilder, const read_model::Folder& folder, int64_t live,
                              std::function<bool()> keep_going);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_UPGRADE_H_
