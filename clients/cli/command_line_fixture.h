#ifndef ROSTER_CLIENTS_CLI_COMMAND_LINE_FIXTURE_H_
#define ROSTER_CLIENTS_CLI_COMMAND_LINE_FIXTURE_H_

#include <sstream>
#include <string>
#include <vector>

#include "base/consistency_token.h"
#include "base/temp_dir.h"
#include "clients/cli/command_line.h"
#include "clients/cpp/fake_services.h"
#include "gtest/gtest.h"

namespace roster::cli {

inline constexpr char kLogId[] = "0190a6e2-7c1d-7b9e-8c55-1f2a3b4c5d6e";

inline std::string Token(int64_t next_offset, const std::string& log_id = kLogId) {
  return EncodeConsistencyToken(Position{log_id, {next_offset}});
}

struct Result {
  int exit_code;
  std::string out;
  std::string err;
};

// For tests: runs rosterctl as main does, against services that the test scripts.
class CommandLineFixture : public ::testing::Test {
 protected:
  Result Run(const std::vector<std::string>& arguments, const std::string& input = "", bool terminal = false) {
    std::vector<std::string> all = {"rosterctl", "--command-service", fake_.address(), "--query-service",
                                    fake_.address()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<const char*> argv;
    for (const std::string& argument : all) argv.push_back(argument.c_str());
    std::istringstream in(input);
    std::ostringstream out, err;
    const int exit_code = CommandLine().Run(static_cast<int>(argv.size()), argv.data(),
                                            Streams{in, out, err, terminal, terminal}, profile_.path());
    return {exit_code, out.str(), err.str()};
  }

  TempDir profile_;
  client::FakeServices fake_;
};

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_COMMAND_LINE_FIXTURE_H_
