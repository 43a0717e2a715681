#ifndef ROSTER_BASE_PAUSE_H_
#define ROSTER_BASE_PAUSE_H_

#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace roster {

// A wait that another thread can end. It goes by a clock that nobody sets, as those of Debian 12's abseil do not: there
// a machine whose clock is set back by an hour waits for that hour.
//
// Thread safety: For from one thread at a time; End from any.
class Pause {
 public:
  // Lets `duration` pass, or less where it is ended.
  void For(absl::Duration duration);
  // Ends the present pause, or the next one.
  void End();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
};

}  // namespace roster

#endif  // ROSTER_BASE_PAUSE_H_
