#ifndef ROSTER_BASE_FILE_LOCK_H_
#define ROSTER_BASE_FILE_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace roster {

// Holds a lock file for as long as the object lives: one process at a time, freed by the kernel when the process ends,
// however it ends. The file itself stays.
//
// A movable value; thread safety: none.
class FileLock {
 public:
  // Creates the file where there is none, and locks it without waiting. FAILED_PRECONDITION where somebody holds it.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);
  // The same, but waits while somebody holds it. For locks that are held for moments.
  static absl::StatusOr<FileLock> AcquireWaiting(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  static absl::StatusOr<FileLock> Lock(const std::string& path, int flags);

  int fd_;
};

}  // namespace roster

#endif  // ROSTER_BASE_FILE_LOCK_H_
