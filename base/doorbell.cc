#include "base/doorbell.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/steady_time.h"

namespace roster {

absl::StatusOr<std::unique_ptr<Doorbell>> Doorbell::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open the doorbell file ", path));
  return std::unique_ptr<Doorbell>(new Doorbell(fd));
}

Doorbell::~Doorbell() { close(fd_); }

void Doorbell::Ring() {
  constexpr uint32_t kAnything = 0;
  // A ring that fails costs a listener its next regular look, no more.
  [[maybe_unused]] const ssize_t written = pwrite(fd_, &kAnything, sizeof(kAnything), 0);
}

absl::StatusOr<std::unique_ptr<DoorbellListener>> DoorbellListener::Open(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  const int inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify_fd < 0)
    return absl::ErrnoToStatus(errno, "cannot make an inotify instance (see fs.inotify.max_user_instances)");
  if (inotify_add_watch(inotify_fd, folder.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
    const int error = errno;
    close(inotify_fd);
    return absl::ErrnoToStatus(error, absl::StrCat("cannot watch the folder ", folder));
  }
  const int interrupt_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (interrupt_fd < 0) {
    const int error = errno;
    close(inotify_fd);
    return absl::ErrnoToStatus(error, "cannot make an eventfd");
  }
  return std::unique_ptr<DoorbellListener>(new DoorbellListener(inotify_fd, interrupt_fd, file.filename().string()));
}

DoorbellListener::~DoorbellListener() {
  close(inotify_fd_);
  close(interrupt_fd_);
}

bool DoorbellListener::DrainRings() {
  alignas(inotify_event) char buffer[4096];
  bool rung = false;
  for (ssize_t length; (length = read(inotify_fd_, buffer, sizeof(buffer))) > 0;) {
    for (const char* at = buffer; at < buffer + length;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      rung |= (event->mask & IN_Q_OVERFLOW) != 0 || (event->len > 0 && name_ == event->name);
      at += sizeof(inotify_event) + event->len;
    }
  }
  return rung;
}

bool DoorbellListener::Wait(absl::Duration timeout) {
  const absl::Time deadline = SteadyNow() + timeout;
  for (;;) {
    pollfd fds[] = {{inotify_fd_, POLLIN, 0}, {interrupt_fd_, POLLIN, 0}};
    const absl::Duration left = std::max(absl::ZeroDuration(), deadline - SteadyNow());
    const timespec wait = absl::ToTimespec(left);
    const int ready = ppoll(fds, 2, timeout == absl::InfiniteDuration() ? nullptr : &wait, nullptr);
    if (ready == 0) return false;
    if (ready < 0 && errno != EINTR) return false;
    const bool rung = DrainRings();
    uint64_t count;
    const bool interrupted = read(interrupt_fd_, &count, sizeof(count)) > 0;
    if (rung || interrupted) return interrupted;
  }
}

void DoorbellListener::Interrupt() {
  constexpr uint64_t kOne = 1;
  [[maybe_unused]] const ssize_t written = write(interrupt_fd_, &kOne, sizeof(kOne));
}

}  // namespace roster
