#include "tests/chaos/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace roster::test::chaos {
namespace {

// As a supervisor waits, so that a program which cannot start does not take all of the machine.
constexpr absl::Duration kRestartDelay = absl::Seconds(1);

ShimControl* MakeShim(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  void* mapped = MAP_FAILED;
  if (fd >= 0 && ftruncate(fd, sizeof(ShimControl)) == 0)
    mapped = mmap(nullptr, sizeof(ShimControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) {
    std::perror(path.c_str());
    std::abort();
  }
  close(fd);
  return static_cast<ShimControl*>(mapped);
}

}  // namespace

Program::Program(std::string name, const std::string& folder, std::vector<std::string> arguments)
    : name_(std::move(name)), log_path_(absl::StrCat(folder, "/", name_, ".log")) {
  const std::string shim_path = absl::StrCat(folder, "/", name_, ".shim");
  shim_ = MakeShim(shim_path);
  arguments_ = {"/usr/bin/env", absl::StrCat("LD_PRELOAD=", ROSTER_FAULT_SHIM),
                absl::StrCat("ROSTER_FAULT_SHIM=", shim_path)};
  arguments_.insert(arguments_.end(), arguments.begin(), arguments.end());
}

Program::~Program() {
  process_.reset();
  munmap(shim_, sizeof(ShimControl));
}

void Program::FailDisk(const std::string& path, int error) {
  if (error != 0) {
    const size_t size = path.copy(shim_->path, sizeof(shim_->path) - 1);
    shim_->path[size] = '\0';
  }
  shim_->disk_error = error;
}

void Program::Replace(const std::string& argument, const std::string& by) {
  std::replace(arguments_.begin(), arguments_.end(), argument, by);
}

void Program::Start() {
  if (process_ == nullptr) process_ = Process::Start(arguments_, log_path_);
}

void Program::Kill() { process_.reset(); }

int Program::Terminate() {
  if (process_ == nullptr) return 0;
  process_->Signal(SIGCONT);
  process_->Signal(SIGTERM);
  const int exit_code = process_->Wait();
  process_.reset();
  return exit_code;
}

void Program::Supervise() {
  if (process_ == nullptr || !process_->Ended()) return;
  if (start_again_at_ == absl::InfinitePast()) {
    ++unasked_ends_;
    std::printf("  %s ended by itself, exit code %d\n", name_.c_str(), process_->Wait());
    start_again_at_ = absl::Now() + kRestartDelay;
  } else if (absl::Now() >= start_again_at_) {
    start_again_at_ = absl::InfinitePast();
    process_.reset();
    Start();
  }
}

std::string Program::Address() {
  const absl::StatusOr<std::string> address = process_->WaitForLogField("listening", "address");
  if (address.ok()) return *address;
  std::fprintf(stderr, "%s did not start: %s\n", name_.c_str(), address.status().ToString().c_str());
  std::abort();
}

}  // namespace roster::test::chaos
