#ifndef ROSTER_EVENT_LOG_TOOL_EXIT_CODE_H_
#define ROSTER_EVENT_LOG_TOOL_EXIT_CODE_H_

namespace roster::event_log::tool {

// What roster-log exits with, beside 2 for wrong usage. Scripts rely on these: never renumber.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
// The target of a copy holds something else than the source.
inline constexpr int kLogsDiffer = 3;
// All that was there is copied, but the source may still be written to.
inline constexpr int kSourceNotHeld = 4;

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_EXIT_CODE_H_
