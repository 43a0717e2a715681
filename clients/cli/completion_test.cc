#include "clients/cli/completion.h"

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/temp_dir.h"
#include "clients/cli/command_line.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<CompletionCommand> Model() {
  CommandLine command_line;
  return CompletionModel(command_line.app());
}

// What bash offers for a line that has the last word under the cursor.
std::vector<std::string> Complete(const std::vector<std::string>& words) {
  TempDir dir;
  std::ofstream(dir.File("script")) << BashCompletion(Model()) << "COMP_WORDS=(";
  std::ofstream script(dir.File("script"), std::ios::app);
  for (const std::string& word : words) script << "'" << word << "' ";
  script << ")\nCOMP_CWORD=" << words.size() - 1 << "\n_rosterctl\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  script.close();
  std::FILE* shell = popen(absl::StrCat("cd ", dir.path(), " && bash ./script").c_str(), "r");
  std::string output(1 << 16, '\0');
  output.resize(fread(output.data(), 1, output.size(), shell));
  EXPECT_EQ(pclose(shell), 0);
  return absl::StrSplit(output, '\n', absl::SkipEmpty());
}

TEST(CompletionTest, BashOffersCommandsThenTheirOptionsThenTheirValues) {
  EXPECT_THAT(Complete({"rosterctl", "s"}), ElementsAre("signup", "status"));
  EXPECT_THAT(Complete({"rosterctl", "update", "u-1", "--s"}), ElementsAre("--status"));
  EXPECT_THAT(Complete({"rosterctl", "update", "u-1", "--status", ""}), ElementsAre("active", "inactive"));
  EXPECT_THAT(Complete({"rosterctl", "list", "--output", ""}), ElementsAre("table", "json", "csv"));
  EXPECT_THAT(Complete({"rosterctl", "list", "--order-by", "email"}), ElementsAre("email", "email\\ desc"));
  EXPECT_THAT(Complete({"rosterctl", "completion", "f"}), ElementsAre("fish"));
  EXPECT_THAT(Complete({"rosterctl", "import", ""}), Contains("script"));
  EXPECT_THAT(Complete({"rosterctl", "signup", "--email", ""}), ElementsAre());
}

TEST(CompletionTest, EveryCommandAndOptionIsInEveryScript) {
  const auto model = Model();
  const std::string bash = BashCompletion(model), zsh = ZshCompletion(model), fish = FishCompletion(model);
  ASSERT_GT(model.size(), 9u);
  for (const CompletionCommand& command : model) {
    EXPECT_THAT(bash, HasSubstr(command.name));
    EXPECT_THAT(zsh, HasSubstr(command.name));
    EXPECT_THAT(fish, HasSubstr(command.name));
    for (const CompletionOption& option : command.options) {
      EXPECT_FALSE(option.help.empty()) << command.name << " " << option.name;
      EXPECT_THAT(bash, HasSubstr(option.name));
      EXPECT_THAT(zsh, HasSubstr(option.name + (option.takes_value ? "=[" : "[")));
      EXPECT_THAT(fish, HasSubstr(" -l " + option.name.substr(2) + " "));
    }
  }
}

TEST(CompletionTest, OptionsOfOneCallAreNoSettings) {
  CommandLine command_line;
  for (const CLI::App* command : command_line.app().get_subcommands([](const CLI::App*) { return true; })) {
    for (const CLI::Option* option : command->get_options()) {
      EXPECT_FALSE(option->get_configurable()) << command->get_name() << " " << option->get_name();
    }
    EXPECT_THAT(command->get_footer(), HasSubstr("rosterctl " + command->get_name() + "")) << "an example";
  }
}

}  // namespace
}  // namespace roster::cli
