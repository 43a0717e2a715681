#ifndef ROSTER_BASE_PROGRESS_BAR_H_
#define ROSTER_BASE_PROGRESS_BAR_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"

namespace roster {

// A line on a terminal that shows how far a long run is, drawn anew at most ten times a second.
//
// Thread safety: none.
class ProgressBar {
 public:
  // Draws to `out` only where `enabled`. `unit`: "users". `out` and `clock` must outlive it.
  ProgressBar(std::ostream& out, bool enabled, std::string unit, const Clock& clock = SystemClock());
  // Clears the line.
  ~ProgressBar() { Clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `fraction` of the whole, 0 to 1, where it is known.
  void Update(int64_t count, std::optional<double> fraction);

  // Takes the bar away, so that other text can be written. The next Update draws it again.
  void Clear();

 private:
  std::string Line(int64_t count, std::optional<double> fraction, absl::Duration elapsed) const;

  std::ostream& out_;
  const bool enabled_;
  const std::string unit_;
  const Clock& clock_;
  const absl::Time start_;
  absl::Time last_drawn_ = absl::InfinitePast();
  bool visible_ = false;
};

// "1234567" as "1,234,567".
std::string WithThousands(int64_t number);

}  // namespace roster

#endif  // ROSTER_BASE_PROGRESS_BAR_H_
