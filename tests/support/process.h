#ifndef ROSTER_TESTS_SUPPORT_PROCESS_H_
#define ROSTER_TESTS_SUPPORT_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/eventually.h"

namespace roster::test {

// One of Roster's programs as a process of its own. Killed when the object goes.
//
// Thread safety: one thread.
class Process {
 public:
  // Starts `arguments[0]` with its standard error appended to `log_path` and its standard output written to
  // `log_path`.out.
  static std::unique_ptr<Process> Start(const std::vector<std::string>& arguments, const std::string& log_path);
  ~Process();

  pid_t pid() const { return pid_; }
  // Sends a signal; does not wait.
  void Signal(int signal);
  // Waits for the end, and returns the exit code, or 128 + signal. Aborts the wait with -1 after `timeout`.
  int Wait(absl::Duration timeout = absl::Seconds(60));
  // Whether it has ended; does not wait.
  bool Ended();
  // SIGKILL, and the wait for it.
  void Kill();

  // Value of `field` in the first log line of this start whose message is `message`; waits for the line.
  absl::StatusOr<std::string> WaitForLogField(const std::string& message, const std::string& field,
                                              absl::Duration timeout = absl::Seconds(60));

  // Everything this start has logged.
  std::string Log() const;

 private:
  Process(pid_t pid, std::string log_path, size_t log_start)
      : pid_(pid), log_path_(std::move(log_path)), log_start_(log_start) {}

  pid_t pid_;
  const std::string log_path_;
  // Where this start's lines begin.
  const size_t log_start_;
  bool ended_ = false;
  int exit_code_ = -1;
};

// Runs a program to its end. Its standard output, and the exit code.
struct CommandResult {
  int exit_code = -1;
  std::string output;
};
CommandResult RunCommand(const std::vector<std::string>& arguments, const std::string& log_path);

// Where a program under test is: in this build, or in the folder that the environment variable ROSTER_PROGRAMS names.
std::string ProgramPath(const std::string& name);

void PauseBetweenLooks();

// Waits until `condition` holds, looking a few hundred times a second; false at the deadline.
template <typename Condition>
bool Eventually(Condition condition, absl::Duration timeout = absl::Seconds(60)) {
  return roster::Eventually(condition, timeout, PauseBetweenLooks);
}

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_PROCESS_H_
