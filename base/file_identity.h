#ifndef ROSTER_BASE_FILE_IDENTITY_H_
#define ROSTER_BASE_FILE_IDENTITY_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

namespace roster {

// Device and inode: which file stands under a path. Writing to an open file that was removed succeeds, and what was
// written is gone with the last who has it open; so who keeps a file open compares this from time to time.
using FileIdentity = std::pair<dev_t, ino_t>;

// Absent where nothing stands under the path, or it cannot be looked at.
std::optional<FileIdentity> IdentifyFile(const std::string& path);

}  // namespace roster

#endif  // ROSTER_BASE_FILE_IDENTITY_H_
