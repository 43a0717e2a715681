// Replays the kept corpora: each input through its fuzzer, as the fuzzer's own program does. An input that fails aborts
// the program, and says what does not hold.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fuzz/fuzz.h"

namespace roster::fuzz {
namespace {

std::vector<std::filesystem::path> CorpusOf(const std::string& fuzzer) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(ROSTER_CORPUS_DIR) / fuzzer)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class ReplayTest : public testing::TestWithParam<std::string> {};

TEST_P(ReplayTest, CorpusHolds) {
  const std::vector<std::filesystem::path> files = CorpusOf(GetParam());
  EXPECT_FALSE(files.empty());
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(file), {});
    RunOne(Fuzzers().at(GetParam()), input);
  }
  RunOne(Fuzzers().at(GetParam()), "");
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& [name, fuzzer] : Fuzzers()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Fuzzers, ReplayTest, testing::ValuesIn(Names()),
                         [](const auto& fuzzer) { return fuzzer.param; });

}  // namespace
}  // namespace roster::fuzz
