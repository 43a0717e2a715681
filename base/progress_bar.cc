#include "base/progress_bar.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace roster {
namespace {

constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr int kBarWidth = 30;
// Back to the line's start, and erase to its end.
constexpr char kEraseLine[] = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(std::ostream& out, bool enabled, std::string unit, const Clock& clock)
    : out_(out), enabled_(enabled), unit_(std::move(unit)), clock_(clock), start_(clock.Now()) {}

void ProgressBar::Update(int64_t count, std::optional<double> fraction) {
  if (!enabled_) return;
  const absl::Time now = clock_.Now();
  if (now - last_drawn_ < kRedraw) return;
  last_drawn_ = now;
  visible_ = true;
  out_ << kEraseLine << Line(count, fraction, now - start_) << std::flush;
}

void ProgressBar::Clear() {
  if (!visible_) return;
  visible_ = false;
  last_drawn_ = absl::InfinitePast();
  out_ << kEraseLine << std::flush;
}

std::string ProgressBar::Line(int64_t count, std::optional<double> fraction, absl::Duration elapsed) const {
  const double seconds = absl::ToDoubleSeconds(elapsed);
  const int64_t rate = seconds > 0 ? static_cast<int64_t>(static_cast<double>(count) / seconds) : 0;
  const std::string counts = absl::StrCat(WithThousands(count), " ", unit_, ", ", WithThousands(rate), "/s");
  if (!fraction) return counts;
  const double part = std::clamp(*fraction, 0.0, 1.0);
  const int full = static_cast<int>(part * kBarWidth);
  std::string line = absl::StrFormat("[%s%s] %3d%%  %s", std::string(full, '#'), std::string(kBarWidth - full, '-'),
                                     static_cast<int>(part * 100), counts);
  if (part > 0.01 && seconds > 2) {
    const auto left = static_cast<int64_t>(seconds / part * (1 - part));
    absl::StrAppendFormat(&line, ", %d:%02d left", left / 60, left % 60);
  }
  return line;
}

std::string WithThousands(int64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    const size_t left = digits.size() - i;
    if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

}  // namespace roster
