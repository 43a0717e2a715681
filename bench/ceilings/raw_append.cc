#include "bench/ceilings/raw_append.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/load/histogram.h"

namespace roster::bench {
namespace {

constexpr int kBytes = 512;
// As long as SQLite's write-ahead log is by default when it is wound up: 1000 pages of 4 KiB.
constexpr off_t kPreallocatedBytes = 4 << 20;

absl::Status WriteAt(int file, const std::string& bytes, off_t offset) {
  if (pwrite(file, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size())) {
    return absl::ErrnoToStatus(errno, "pwrite");
  }
  if (fdatasync(file) != 0) return absl::ErrnoToStatus(errno, "fdatasync");
  return absl::OkStatus();
}

// Writes to a file that has `preallocated` bytes; from its front again where the next write would make it longer, but
// not where it has none.
absl::StatusOr<Sample> WritesPerSecond(const std::string& path, off_t preallocated, absl::Duration duration) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return absl::ErrnoToStatus(errno, path);
  const auto remove_file = absl::MakeCleanup([file, &path] {
    close(file);
    unlink(path.c_str());
  });
  if (preallocated > 0) ROSTER_RETURN_IF_ERROR(WriteAt(file, std::string(static_cast<size_t>(preallocated), '\0'), 0));
  const std::string record(kBytes, 'x');
  Histogram latencies;
  const absl::Time begin = absl::Now();
  absl::Time last = begin;
  off_t offset = 0;
  while (last < begin + duration) {
    if (preallocated > 0 && offset + kBytes > preallocated) offset = 0;
    ROSTER_RETURN_IF_ERROR(WriteAt(file, record, offset));
    offset += kBytes;
    const absl::Time now = absl::Now();
    latencies.Add(now - last);
    last = now;
  }
  return latencies.WithQuantiles(static_cast<double>(latencies.count()) / absl::ToDoubleSeconds(last - begin));
}

}  // namespace

Measurement RawAppends(const std::string& path) {
  return {"append+fdatasync", [path](absl::Duration duration) { return WritesPerSecond(path, 0, duration); }};
}

Measurement RawOverwrites(const std::string& path) {
  return {"overwrite+fdatasync",
          [path](absl::Duration duration) { return WritesPerSecond(path, kPreallocatedBytes, duration); }};
}

}  // namespace roster::bench
