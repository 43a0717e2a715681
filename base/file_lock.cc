#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace roster {

absl::StatusOr<FileLock> FileLock::Acquire(const std::string& path) { return Lock(path, LOCK_EX | LOCK_NB); }

absl::StatusOr<FileLock> FileLock::AcquireWaiting(const std::string& path) { return Lock(path, LOCK_EX); }

absl::StatusOr<FileLock> FileLock::Lock(const std::string& path, int flags) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open the lock file ", path));
  int result;
  do {
    result = flock(fd, flags);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return FileLock(fd);
  const int error = errno;
  close(fd);
  if (error == EWOULDBLOCK) return absl::FailedPreconditionError(absl::StrCat(path, " is locked by another process"));
  return absl::ErrnoToStatus(error, absl::StrCat("cannot lock ", path));
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace roster
