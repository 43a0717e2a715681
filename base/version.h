#ifndef ROSTER_BASE_VERSION_H_
#define ROSTER_BASE_VERSION_H_

#include "absl/strings/string_view.h"

namespace roster {

// What this program was built from: "0.1.0" or, from a git checkout, "0.1.0+g0123456789ab" with the commit, and
// ".dirty" behind it where files differed from that commit (cmake/RosterVersion.cmake). The same sources give the same
// text. Safe from any thread.
absl::string_view Version();

}  // namespace roster

#endif  // ROSTER_BASE_VERSION_H_
