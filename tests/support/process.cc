#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/shutdown.h"

namespace roster::test {
namespace {

std::string ReadFrom(const std::string& path, size_t start) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(start));
  return {std::istreambuf_iterator<char>(file), {}};
}

// A string or a number of a flat JSON object; Roster's own log lines hold nothing else.
std::string FieldOf(const std::string& line, const std::string& field) {
  const std::string name = absl::StrCat("\"", field, "\":");
  const size_t at = line.find(name);
  if (at == std::string::npos) return "";
  size_t begin = at + name.size();
  const bool quoted = line[begin] == '"';
  if (quoted) ++begin;
  return line.substr(begin, line.find_first_of(quoted ? "\"" : ",}", begin) - begin);
}

[[noreturn]] void Exec(const std::vector<std::string>& arguments, int err, int out) {
  // The child must not outlive a test program that is killed, nor inherit what it holds open.
  UnblockShutdownSignals();
  dup2(err, STDERR_FILENO);
  dup2(out, STDOUT_FILENO);
  close_range(3, ~0U, 0);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

}  // namespace

void PauseBetweenLooks() { poll(nullptr, 0, 3); }

std::string ProgramPath(const std::string& name) {
  const char* other = std::getenv("ROSTER_PROGRAMS");
  return absl::StrCat(other != nullptr ? other : ROSTER_BIN_DIR, "/", name);
}

std::unique_ptr<Process> Process::Start(const std::vector<std::string>& arguments, const std::string& log_path) {
  std::error_code ignored;
  const size_t start = std::filesystem::exists(log_path) ? std::filesystem::file_size(log_path, ignored) : 0;
  const int err = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const int out = open((log_path + ".out").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const pid_t pid = fork();
  if (pid == 0) Exec(arguments, err, out);
  close(err);
  close(out);
  return std::unique_ptr<Process>(new Process(pid, log_path, start));
}

Process::~Process() { Kill(); }

void Process::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

bool Process::Ended() {
  int status = 0;
  if (!ended_ && waitpid(pid_, &status, WNOHANG) != 0) {
    ended_ = true;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return ended_;
}

int Process::Wait(absl::Duration timeout) {
  return Eventually([this] { return Ended(); }, timeout) ? exit_code_ : -1;
}

void Process::Kill() {
  Signal(SIGKILL);
  Wait();
}

std::string Process::Log() const { return ReadFrom(log_path_, log_start_); }

absl::StatusOr<std::string> Process::WaitForLogField(const std::string& message, const std::string& field,
                                                     absl::Duration timeout) {
  const std::string wanted = absl::StrCat("\"message\":\"", message, "\"");
  std::string value;
  bool ended = false;
  Eventually(
      [&] {
        ended = waitpid(pid_, nullptr, WNOHANG | WNOWAIT) != 0 && kill(pid_, 0) != 0;
        for (absl::string_view line : absl::StrSplit(Log(), '\n')) {
          if (absl::StrContains(line, wanted)) value = FieldOf(std::string(line), field);
        }
        return !value.empty() || ended;
      },
      timeout);
  if (!value.empty()) return value;
  return absl::DeadlineExceededError(absl::StrCat("no line '", message, "' in ", log_path_, ":\n", Log()));
}

CommandResult RunCommand(const std::vector<std::string>& arguments, const std::string& log_path) {
  auto process = Process::Start(arguments, log_path);
  CommandResult result;
  result.exit_code = process->Wait(absl::Minutes(5));
  result.output = ReadFrom(log_path + ".out", 0);
  return result;
}

}  // namespace roster::test
