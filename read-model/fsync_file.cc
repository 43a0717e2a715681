#include "read-model/fsync_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace roster::read_model {
namespace {

absl::Status Fsync(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, absl::StrCat("cannot sync ", path));
}

}  // namespace

absl::Status FsyncFile(const std::string& path) { return Fsync(path, O_RDONLY); }
absl::Status FsyncFolder(const std::string& path) { return Fsync(path, O_RDONLY | O_DIRECTORY); }

}  // namespace roster::read_model
