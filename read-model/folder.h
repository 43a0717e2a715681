#ifndef ROSTER_READ_MODEL_FOLDER_H_
#define ROSTER_READ_MODEL_FOLDER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace roster::read_model {

// The folder that a read model lives in: generations `<n>.db`, never renamed, and a file `current` that names the live
// one, so that a rebuilt read model takes the place of the old one at once and readers can follow.
//
// A value; thread safety: as its copies.
class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // The live generation; absent while there is none. DATA_LOSS where `current` holds no number.
  absl::StatusOr<std::optional<int64_t>> CurrentGeneration() const;
  // Makes `generation` the live one: written aside, fsynced and renamed over `current`.
  absl::Status SetCurrentGeneration(int64_t generation) const;

  std::string DatabasePath(int64_t generation) const;
  // Removes a generation's files. Whoever has them open reads on.
  absl::Status RemoveGeneration(int64_t generation) const;
  // Removes every generation but the live one: what rebuilds that were cut off, or replaced, have left. Only for the
  // holder of the lock. Without a `current` none is live.
  absl::Status RemoveOtherGenerations() const;
  // Rung after each commit and each change of generation (base/doorbell.h).
  std::string DoorbellPath() const;
  // For who holds no doorbell; best effort, since those who wait look again a second later at the latest.
  void RingDoorbell() const;
  // Held by the one process that writes (base/file_lock.h).
  std::string LockPath() const;
  // Unix socket by which the writing process takes operators' commands.
  std::string ControlSocketPath() const;

 private:
  std::string path_;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_FOLDER_H_
