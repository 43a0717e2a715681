#include "clients/cli/profile.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "base/error.h"
#include "base/file_lock.h"
#include "base/siphash.h"

namespace roster::cli {
namespace {

constexpr size_t kMaxFileName = 120;

// `name` as a file name that no other name has: what is neither letter, digit nor '-' is written as "_XX".
std::string FileName(absl::string_view name) {
  std::string result;
  for (const unsigned char c : name) {
    if (absl::ascii_isalnum(c) || c == '-') {
      result.push_back(static_cast<char>(c));
    } else {
      absl::StrAppend(&result, "_", absl::Hex(c, absl::kZeroPad2));
    }
  }
  if (result.size() <= kMaxFileName) return result;
  return absl::StrCat(result.substr(0, kMaxFileName), "_h", absl::Hex(SipHash({}, name), absl::kZeroPad16));
}

// Not a gRPC code of meaning: exit codes are made from those.
absl::Status FileError(absl::string_view what, const std::string& path, int error) {
  return absl::FailedPreconditionError(absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(error)));
}

std::string Merge(const std::string& saved, const std::string& token) {
  const auto old_position = DecodeConsistencyToken(saved);
  const auto new_position = DecodeConsistencyToken(token);
  if (!old_position.ok() || !new_position.ok() || old_position->log_id != new_position->log_id ||
      old_position->next_offsets.size() != new_position->next_offsets.size()) {
    return token;
  }
  Position merged = *new_position;
  for (size_t i = 0; i < merged.next_offsets.size(); ++i) {
    merged.next_offsets[i] = std::max(merged.next_offsets[i], old_position->next_offsets[i]);
  }
  return merged == *new_position ? token : EncodeConsistencyToken(merged);
}

absl::Status Replace(const std::string& path, const std::string& content) {
  // The caller holds the lock, so one name for the new file is enough.
  const std::string fresh = path + ".new";
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return FileError("write", fresh, errno);
  const ssize_t written = write(fd, content.data(), content.size());
  const int error = written < 0 ? errno : ENOSPC;
  if (close(fd) != 0 || written != static_cast<ssize_t>(content.size())) return FileError("write", fresh, error);
  if (rename(fresh.c_str(), path.c_str()) != 0) return FileError("replace", path, errno);
  return absl::OkStatus();
}

}  // namespace

Profile::Profile(std::string folder, absl::string_view name)
    : folder_(std::move(folder)), path_(absl::StrCat(folder_, "/", FileName(name), ".token")) {}

std::string Profile::Load() const {
  std::ifstream file(path_);
  std::string token(kMaxTokenBytes + 2, '\0');
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<size_t>(file.gcount()));
  absl::StripAsciiWhitespace(&token);
  return DecodeConsistencyToken(token).ok() ? token : "";
}

absl::Status Profile::Save(const std::string& token) const {
  ROSTER_ASSIGN_OR_RETURN(const std::string lock_path, PrepareFolder());
  ROSTER_ASSIGN_OR_RETURN(const FileLock lock, FileLock::AcquireWaiting(lock_path));
  const std::string merged = Merge(Load(), token);
  return Replace(path_, merged + "\n");
}

absl::Status Profile::Forget(const std::string& token) const {
  ROSTER_ASSIGN_OR_RETURN(const std::string lock_path, PrepareFolder());
  ROSTER_ASSIGN_OR_RETURN(const FileLock lock, FileLock::AcquireWaiting(lock_path));
  if (Load() != token) return absl::OkStatus();
  if (unlink(path_.c_str()) != 0 && errno != ENOENT) return FileError("remove", path_, errno);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Profile::PrepareFolder() const {
  if (folder_.empty()) return absl::FailedPreconditionError("neither XDG_STATE_HOME nor HOME is set");
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder_, error);
  if (error)
    return absl::FailedPreconditionError(absl::StrCat("cannot make the folder ", folder_, ": ", error.message()));
  if (made) std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, error);
  return folder_ + "/lock";
}

std::string DefaultProfileFolder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::string(state) + "/roster";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::string(home) + "/.local/state/roster";
  }
  return "";
}

}  // namespace roster::cli
