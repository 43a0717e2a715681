#include "clients/cli/profile.h"

#include <sys/stat.h>

#include <fstream>
#include <thread>
#include <vector>

#include "base/consistency_token.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"

namespace roster::cli {
namespace {

constexpr char kLog[] = "0190a6e2-7c1d-7b9e-8c55-1f2a3b4c5d6e";
constexpr char kOtherLog[] = "0190a6e2-7c1d-7b9e-8c55-1f2a3b4c5d6f";

std::string Token(std::vector<int64_t> offsets, const std::string& log = kLog) {
  return EncodeConsistencyToken(Position{log, std::move(offsets)});
}

TEST(ProfileTest, TheLastTokenIsReadBackByAnotherRun) {
  TempDir dir;
  ASSERT_TRUE(Profile(dir.File("state"), "a:1").Save(Token({5})).ok());
  EXPECT_EQ(Profile(dir.File("state"), "a:1").Load(), Token({5}));
  EXPECT_EQ(Profile(dir.File("state"), "b:1").Load(), "");
}

TEST(ProfileTest, ATokenThatCoversLessDoesNotReplaceOneThatCoversMore) {
  TempDir dir;
  const Profile profile(dir.path(), "p");
  ASSERT_TRUE(profile.Save(Token({5, 9})).ok());
  ASSERT_TRUE(profile.Save(Token({7, 3})).ok());
  EXPECT_EQ(profile.Load(), Token({7, 9}));
}

TEST(ProfileTest, ATokenOfAnotherLogReplacesTheSavedOne) {
  TempDir dir;
  const Profile profile(dir.path(), "p");
  ASSERT_TRUE(profile.Save(Token({500})).ok());
  ASSERT_TRUE(profile.Save(Token({1}, kOtherLog)).ok());
  EXPECT_EQ(profile.Load(), Token({1}, kOtherLog));
}

TEST(ProfileTest, RunsAtTheSameTimeLoseNothing) {
  TempDir dir;
  constexpr int kRuns = 8;
  std::vector<std::thread> runs;
  for (int run = 0; run < kRuns; ++run) {
    runs.emplace_back([&, run] {
      const Profile profile(dir.path(), "p");
      for (int i = 1; i <= 20; ++i) {
        std::vector<int64_t> offsets(kRuns, 0);
        offsets[run] = i;
        EXPECT_TRUE(profile.Save(Token(offsets)).ok());
      }
    });
  }
  for (std::thread& run : runs) run.join();
  EXPECT_EQ(Profile(dir.path(), "p").Load(), Token(std::vector<int64_t>(kRuns, 20)));
}

TEST(ProfileTest, ForgetSparesATokenSavedMeanwhile) {
  TempDir dir;
  const Profile profile(dir.path(), "p");
  ASSERT_TRUE(profile.Save(Token({5})).ok());
  ASSERT_TRUE(profile.Forget(Token({4})).ok());
  EXPECT_EQ(profile.Load(), Token({5}));
  ASSERT_TRUE(profile.Forget(Token({5})).ok());
  EXPECT_EQ(profile.Load(), "");
}

TEST(ProfileTest, AFileThatHoldsNoTokenCountsAsNone) {
  TempDir dir;
  const Profile profile(dir.path(), "p");
  std::ofstream(profile.path()) << "garbage";
  EXPECT_EQ(profile.Load(), "");
  EXPECT_TRUE(profile.Save(Token({5})).ok());
  EXPECT_EQ(profile.Load(), Token({5}));
}

TEST(ProfileTest, NamesBecomeFileNamesWithinTheFolderAndNeverTheSameOne) {
  const std::vector<std::string> names = {
      "../../etc/x", "a:1,b:1", "a_3a1", "@a:1", std::string(4000, 'n'), std::string(4000, 'n') + "m"};
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    const std::string path = Profile("/state", name).path();
    EXPECT_EQ(path.rfind('/'), 6u) << path;
    EXPECT_LT(path.size(), 200u);
    EXPECT_EQ(std::count(paths.begin(), paths.end(), path), 0);
    paths.push_back(path);
  }
}

TEST(ProfileTest, TheFolderIsTheUsersAlone) {
  TempDir dir;
  ASSERT_TRUE(Profile(dir.File("state"), "p").Save(Token({1})).ok());
  struct stat info;
  ASSERT_EQ(stat(dir.File("state").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST(ProfileTest, WithoutAFolderSavingSaysWhy) { EXPECT_FALSE(Profile("", "p").Save(Token({1})).ok()); }

}  // namespace
}  // namespace roster::cli
