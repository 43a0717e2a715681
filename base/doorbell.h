#ifndef ROSTER_BASE_DOORBELL_H_
#define ROSTER_BASE_DOORBELL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace roster {

// How one process tells others "look again" without their polling: a small file that is written after each commit, and
// watched with inotify by those who wait. A ring carries no news of its own, and may be lost with its ringer: a
// listener must look at what it waits for, and look again now and then.
//
// Thread safety: Ring from one thread.
class Doorbell {
 public:
  // Creates the file where there is none.
  static absl::StatusOr<std::unique_ptr<Doorbell>> Open(const std::string& path);
  ~Doorbell();

  void Ring();

 private:
  explicit Doorbell(int fd) : fd_(fd) {}
  const int fd_;
};

// The waiting side. Rings from its creation on are not missed: create it, then look, then wait. The file may be made,
// or replaced, after the listener; its folder must be there.
//
// Thread safety: Wait from one thread; Interrupt from any.
class DoorbellListener {
 public:
  static absl::StatusOr<std::unique_ptr<DoorbellListener>> Open(const std::string& path);
  ~DoorbellListener();

  // Returns after a ring or an Interrupt since the last Wait, or after `timeout`. True where it was an Interrupt.
  bool Wait(absl::Duration timeout);
  // Ends the present Wait, or the next one.
  void Interrupt();

 private:
  DoorbellListener(int inotify_fd, int interrupt_fd, std::string name)
      : inotify_fd_(inotify_fd), interrupt_fd_(interrupt_fd), name_(std::move(name)) {}
  bool DrainRings();

  const int inotify_fd_;
  const int interrupt_fd_;
  // The file's name within the folder that is watched.
  const std::string name_;
};

}  // namespace roster

#endif  // ROSTER_BASE_DOORBELL_H_
