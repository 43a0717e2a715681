#ifndef ROSTER_TESTS_SUPPORT_FAULTS_H_
#define ROSTER_TESTS_SUPPORT_FAULTS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace roster::test {

// What a check found wrong, one sentence each, up to a number that a person can read.
class Faults {
 public:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    if (faults_.size() < kMost) faults_.push_back(absl::StrCat(parts...));
  }
  void AddAll(const std::vector<std::string>& faults) {
    for (const std::string& fault : faults) Add(fault);
  }
  std::vector<std::string> Take() { return std::move(faults_); }

 private:
  static constexpr size_t kMost = 20;
  std::vector<std::string> faults_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_FAULTS_H_
