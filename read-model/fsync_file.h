#ifndef ROSTER_READ_MODEL_FSYNC_FILE_H_
#define ROSTER_READ_MODEL_FSYNC_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace roster::read_model {

// Inside of the room: what was written to a file, or which files are in a folder, outlasts a power cut once these
// return.
absl::Status FsyncFile(const std::string& path);
absl::Status FsyncFolder(const std::string& path);

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_FSYNC_FILE_H_
