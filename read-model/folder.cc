#include "read-model/folder.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/doorbell.h"
#include "base/error.h"
#include "read-model/fsync_file.h"

namespace roster::read_model {

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
  ROSTER_RETURN_IF_ERROR(FsyncFile(aside));
  if (std::rename(aside.c_str(), path.c_str()) != 0)
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot replace ", path));
  return FsyncFolder(path_);
}

absl::Status Folder::RemoveGeneration(int64_t generation) const {
  // The database first: without it nobody takes the rest for a read model.
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    const std::string path = DatabasePath(generation) + suffix;
    std::error_code error;
    std::filesystem::remove(path, error);
    if (error) return absl::UnavailableError(absl::StrCat("cannot remove ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

absl::Status Folder::RemoveOtherGenerations() const {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> current, CurrentGeneration());
  std::error_code error;
  std::set<int64_t> others;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename();
    const size_t digits = std::min(name.find(".db"), name.size());
    int64_t generation = 0;
    if (digits == name.size() || !absl::SimpleAtoi(name.substr(0, digits), &generation)) continue;
    if (generation != current) others.insert(generation);
  }
  for (const int64_t generation : others) ROSTER_RETURN_IF_ERROR(RemoveGeneration(generation));
  return absl::OkStatus();
}

std::string Folder::DatabasePath(int64_t generation) const { return absl::StrCat(path_, "/", generation, ".db"); }
std::string Folder::DoorbellPath() const { return absl::StrCat(path_, "/doorbell"); }

void Folder::RingDoorbell() const {
  if (const auto doorbell = Doorbell::Open(DoorbellPath()); doorbell.ok()) (*doorbell)->Ring();
}

std::string Folder::LockPath() const { return absl::StrCat(path_, "/lock"); }
std::string Folder::ControlSocketPath() const { return absl::StrCat(path_, "/control.sock"); }

}  // namespace roster::read_model
