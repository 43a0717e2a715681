#include "base/options.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/temp_dir.h"
#include "base/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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

class ReloadTest : public OptionsTest {
 protected:
  ~ReloadTest() override { ConfigureLog("roster-test", LogLevel::kInfo); }

  void WriteFile(const std::string& text) { std::ofstream(dir_.File("config")) << text; }
  void Start(std::vector<const char*> flags = {}) {
    config_ = "--config=" + dir_.File("config");
    flags.push_back(config_.c_str());
    ASSERT_EQ(Parse(flags), std::nullopt);
  }
  // What Reload and a debug line after it write.
  std::string LogOfReload() {
    testing::internal::CaptureStderr();
    options_.Reload();
    Log(LogLevel::kDebug, "a debug line");
    return testing::internal::GetCapturedStderr();
  }

  std::string config_;
};

TEST_F(ReloadTest, TakesLogLevelAndFormatOverFromTheFile) {
  WriteFile("log-level = \"info\"\n");
  Start();
  EXPECT_THAT(LogOfReload(), Not(HasSubstr("a debug line")));
  WriteFile("log-level = \"debug\"\nlog-format = \"text\"\n");
  const std::string log = LogOfReload();
  EXPECT_THAT(log, HasSubstr("SIGHUP: settings read again"));
  EXPECT_THAT(log, HasSubstr("debug roster-test: a debug line\n"));
  // A line that is gone means the default.
  WriteFile("");
  EXPECT_THAT(LogOfReload(), AllOf(HasSubstr("\"log_level\":\"info\""), Not(HasSubstr("a debug line"))));
}

TEST_F(ReloadTest, FlagAndEnvironmentStillGoBeforeTheFile) {
  WriteFile("");
  Start({"--log-level=error"});
  WriteFile("log-level = \"debug\"\n");
  EXPECT_THAT(LogOfReload(), AllOf(HasSubstr("\"log_level\":\"error\""), Not(HasSubstr("a debug line"))));
}

TEST_F(ReloadTest, NamesWhatWaitsForARestart) {
  WriteFile("listen-here = \"a\"\n");
  Start();
  WriteFile("listen-here = \"b\"\nlog-level = \"debug\"\n");
  EXPECT_THAT(LogOfReload(), HasSubstr("\"needs_restart\":\"listen-here\""));
  EXPECT_EQ(listen_, "a");
}

TEST_F(ReloadTest, ErrorInTheFileChangesNothing) {
  WriteFile("log-level = \"debug\"\n");
  Start();
  for (const char* text : {"log-level = \"loud\"\nlog-format = \"text\"\n", "log-format = 7\n"}) {
    WriteFile(text);
    EXPECT_THAT(LogOfReload(), AllOf(HasSubstr("nothing changed"), HasSubstr("\"message\":\"a debug line\"")));
  }
  std::filesystem::remove(dir_.File("config"));
  EXPECT_THAT(LogOfReload(), AllOf(HasSubstr("nothing changed"), HasSubstr("\"message\":\"a debug line\"")));
}

TEST_F(ReloadTest, WithoutAFileThereIsNothingToRead) {
  ASSERT_EQ(Parse({}), std::nullopt);
  EXPECT_THAT(LogOfReload(), HasSubstr("no --config"));
}

}  // namespace
}  // namespace roster
