#ifndef ROSTER_BASE_WATCHED_FILE_H_
#define ROSTER_BASE_WATCHED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace roster {

// Reads a file of at most `max_bytes`. FAILED_PRECONDITION where that is not possible; it names the file and the cause,
// and nothing of the content.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes);

// Tells when a file may have changed, by asking for its identity, size and times: for files that an operator replaces
// while a program runs. No thread and no timer: whoever uses the file asks.
//
// Thread safety: none.
class WatchedFile {
 public:
  // An empty path never changes.
  explicit WatchedFile(std::string path);

  // Whether the file is another than at the last time that this was true, or when the object was made.
  bool Changed();

  const std::string& path() const { return path_; }

 private:
  // Device, inode, size, and the time of the last change of content and of anything.
  using Stamp = std::tuple<uint64_t, uint64_t, int64_t, absl::Time, absl::Time>;
  static std::optional<Stamp> StampOf(const std::string& path);

  std::string path_;
  std::optional<Stamp> stamp_;
};

}  // namespace roster

#endif  // ROSTER_BASE_WATCHED_FILE_H_
