#include "base/options.h"

#include <cstdlib>
#include <fstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/temp_dir.h"
#include "base/version.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

class OptionsTest : public testing::Test {
 protected:
  OptionsTest() {
    unsetenv("ROSTER_LISTEN_HERE");
    options_.app().add_option("--listen-here", listen_, "Where to listen")->capture_default_str();
  }
  ~OptionsTest() override { unsetenv("ROSTER_LISTEN_HERE"); }

  std::optional<int> Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "roster-test");
    return options_.Parse(static_cast<int>(arguments.size()), arguments.data());
  }

  Options options_{"roster-test", "A test"};
  std::string listen_ = "default";
  TempDir dir_;
};

TEST_F(OptionsTest, DefaultStandsWhereNothingIsSaid) {
  EXPECT_EQ(Parse({}), std::nullopt);
  EXPECT_EQ(listen_, "default");
}

TEST_F(OptionsTest, FlagGoesBeforeEnvironmentGoesBeforeFile) {
  std::ofstream(dir_.File("config")) << "listen-here = \"from-file\"\n";
  const std::string config = "--config=" + dir_.File("config");
  EXPECT_EQ(Parse({config.c_str()}), std::nullopt);
  EXPECT_EQ(listen_, "from-file");
  setenv("ROSTER_LISTEN_HERE", "from-environment", 1);
  EXPECT_EQ(Parse({config.c_str()}), std::nullopt);
  EXPECT_EQ(listen_, "from-environment");
  EXPECT_EQ(Parse({config.c_str(), "--listen-here=from-flag"}), std::nullopt);
  EXPECT_EQ(listen_, "from-flag");
}

TEST_F(OptionsTest, UnknownFlagOrFileLineIsAUsageError) {
  EXPECT_EQ(Parse({"--no-such-flag"}), 2);
  std::ofstream(dir_.File("config")) << "no-such-setting = 1\n";
  const std::string config = "--config=" + dir_.File("config");
  EXPECT_EQ(Parse({config.c_str()}), 2);
}

TEST_F(OptionsTest, HelpNamesTheVariables) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(Parse({"--help"}), 0);
  const std::string help = testing::internal::GetCapturedStdout();
  EXPECT_NE(help.find("ROSTER_LISTEN_HERE"), std::string::npos) << help;
}

TEST_F(OptionsTest, VersionIsToldWithoutAnythingElse) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(Parse({"--version"}), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), absl::StrCat(Version(), "\n"));
  EXPECT_TRUE(absl::ascii_isdigit(Version().front())) << Version();
}

}  // namespace
}  // namespace roster
