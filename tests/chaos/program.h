#ifndef ROSTER_TESTS_CHAOS_PROGRAM_H_
#define ROSTER_TESTS_CHAOS_PROGRAM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/chaos/fault_shim.h"
#include "tests/support/process.h"

namespace roster::test::chaos {

// One of Roster's programs in a run: started with the fault shim, and again, as a supervisor would, where it ends by
// itself.
//
// Thread safety: one thread.
class Program {
 public:
  // `folder`: for its log and the shim's file. `arguments[0]` is the program.
  Program(std::string name, const std::string& folder, std::vector<std::string> arguments);
  ~Program();

  const std::string& name() const { return name_; }
  ShimControl& shim() { return *shim_; }
  // Makes all files whose path begins so fail with an errno; 0: none.
  void FailDisk(const std::string& path, int error);

  // Changes an argument, for the starts to come.
  void Replace(const std::string& argument, const std::string& by);

  void Start();
  void Signal(int signal) {
    if (process_ != nullptr) process_->Signal(signal);
  }
  // SIGKILL; it stays down until Start.
  void Kill();
  // Continues it where it is stopped, then SIGTERM, and the wait for its end, after which it stays down until Start.
  // Its exit code.
  int Terminate();
  // Starts it again where it has ended without being asked to. Call now and then.
  void Supervise();

  // Ends that nobody asked for.
  int unasked_ends() const { return unasked_ends_; }
  // The address in the line that a server logs once it listens; waits for it.
  std::string Address();
  std::string Log() const { return process_ == nullptr ? "" : process_->Log(); }

 private:
  const std::string name_;
  const std::string log_path_;
  std::vector<std::string> arguments_;
  ShimControl* shim_ = nullptr;
  std::unique_ptr<Process> process_;
  int unasked_ends_ = 0;
  absl::Time start_again_at_ = absl::InfinitePast();
};

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_PROGRAM_H_
