#include "base/watched_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace roster {

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string content(max_bytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  // The end of the file sets failbit too; a folder can be opened but not read.
  if (!file.is_open() || file.bad()) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot read the file ", path, ": ", std::strerror(errno == 0 ? EIO : errno)));
  }
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() > max_bytes) {
    return absl::FailedPreconditionError(absl::StrCat("the file ", path, " is larger than ", max_bytes, " bytes"));
  }
  return content;
}

WatchedFile::WatchedFile(std::string path) : path_(std::move(path)), stamp_(StampOf(path_)) {}

bool WatchedFile::Changed() {
  std::optional<Stamp> stamp = StampOf(path_);
  if (stamp == stamp_) return false;
  stamp_ = std::move(stamp);
  return true;
}

std::optional<WatchedFile::Stamp> WatchedFile::StampOf(const std::string& path) {
  struct stat info;
  if (path.empty() || stat(path.c_str(), &info) != 0) return std::nullopt;
  return Stamp(info.st_dev, info.st_ino, info.st_size, absl::TimeFromTimespec(info.st_mtim),
               absl::TimeFromTimespec(info.st_ctim));
}

}  // namespace roster
