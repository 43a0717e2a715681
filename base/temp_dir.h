#ifndef ROSTER_BASE_TEMP_DIR_H_
#define ROSTER_BASE_TEMP_DIR_H_

#include <cstdlib>
#include <filesystem>
#include <string>

namespace roster {

// A folder for one test, removed with all that is in it when the object goes.
class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "roster-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // For people to look at: it is not removed.
  void Keep() { kept_ = true; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  bool kept_ = false;
};

}  // namespace roster

#endif  // ROSTER_BASE_TEMP_DIR_H_
