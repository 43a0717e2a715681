#include "read-model/folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

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

absl::StatusOr<std::optional<int64_t>> Folder::CurrentGeneration() const {
  const std::string path = absl::StrCat(path_, "/current");
  std::ifstream file(path);
  std::string text;
  if (!std::getline(file, text)) {
    if (!std::filesystem::exists(path)) return std::nullopt;
    return absl::DataLossError(
        absl::StrCat(path, " is empty or cannot be read: remove the folder, and the read model is made anew"));
  }
  int64_t generation = 0;
  if (!absl::SimpleAtoi(text, &generation) || generation < 1) {
    return absl::DataLossError(
        absl::StrCat(path, " holds no number: remove the folder, and the read model is made anew"));
  }
  return generation;
}

absl::Status Folder::SetCurrentGeneration(int64_t generation) const {
  const std::string path = absl::StrCat(path_, "/current");
  const std::string aside = absl::StrCat(path, ".new");
  {
    std::ofstream file(aside, std::ios::trunc);
    file << generation << "\n";
    if (!file.flush()) return absl::UnavailableError(absl::StrCat("cannot write ", aside));
  }
  ROSTER_RETURN_IF_ERROR(Fsync(aside, O_RDONLY));
  if (std::rename(aside.c_str(), path.c_str()) != 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot replace ", path));
  return Fsync(path_, O_RDONLY | O_DIRECTORY);
}

std::string Folder::DatabasePath(int64_t generation) const { return absl::StrCat(path_, "/", generation, ".db"); }
std::string Folder::DoorbellPath() const { return absl::StrCat(path_, "/doorbell"); }
std::string Folder::LockPath() const { return absl::StrCat(path_, "/lock"); }
std::string Folder::ControlSocketPath() const { return absl::StrCat(path_, "/control.sock"); }

}  // namespace roster::read_model
