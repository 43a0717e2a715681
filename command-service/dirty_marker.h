#ifndef ROSTER_COMMAND_SERVICE_DIRTY_MARKER_H_
#define ROSTER_COMMAND_SERVICE_DIRTY_MARKER_H_

#include <string>

#include "absl/status/status.h"

namespace roster::command {

// A small file beside a database that is written without fsync: tells after a restart whether the database can be
// trusted. A process that was killed leaves a whole file, since the kernel still has what it wrote; a machine that lost
// its power may leave a torn one.
//
// Thread safety: one thread.
class DirtyMarker {
 public:
  // `boot_id` names this run of the machine; tests give their own.
  DirtyMarker(std::string path, std::string boot_id) : path_(std::move(path)), boot_id_(std::move(boot_id)) {}

  // Whether the database was closed cleanly, or last written under this boot.
  bool DatabaseIsTrusted() const;
  // To be called before the first write, and after the database was synced and closed. Durable on return.
  absl::Status MarkDirty() { return Write("dirty " + boot_id_); }
  absl::Status MarkClean() { return Write("clean"); }
  // The database was found damaged: it is trusted no more.
  absl::Status MarkDamaged() { return Write("damaged"); }

 private:
  absl::Status Write(const std::string& text) const;

  const std::string path_;
  const std::string boot_id_;
};

// The kernel's name for this run of the machine.
std::string BootId();

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_DIRTY_MARKER_H_
