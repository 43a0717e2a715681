#include "base/version.h"

namespace roster {

absl::string_view Version() { return ROSTER_VERSION; }

}  // namespace roster
