#include "bench/load/read_model_copy.h"

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace roster::bench {

absl::Status CopyReadModel(const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::remove_all(to, error);
  fs::create_directories(to, error);
  for (const fs::directory_entry& entry : fs::directory_iterator(from, error)) {
    // Not the projector's socket.
    if (!entry.is_regular_file()) continue;
    fs::copy_file(entry.path(), fs::path(to) / entry.path().filename(), error);
    if (error) break;
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot copy ", from, ": ", error.message()));
}

}  // namespace roster::bench
