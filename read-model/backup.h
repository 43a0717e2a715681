#ifndef ROSTER_READ_MODEL_BACKUP_H_
#define ROSTER_READ_MODEL_BACKUP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/position.h"
#include "read-model/folder.h"

namespace roster::read_model {

// Writes the live generation, as it stands at one moment, into one file that is complete and fsynced when this returns.
// Needs no lock, and holds up neither the projector nor readers; while it runs the write-ahead log grows. Returns the
// position of what was written.
//
// NOT_FOUND: there is no read model. FAILED_PRECONDITION: `file` is there already, or cannot be made. UNAVAILABLE: the
// disk is full or fails; nothing is left of the file.
absl::StatusOr<Position> BackUp(const Folder& folder, const std::string& file);

// Makes the contents of a backup the live generation of the folder, which need not have one. Only for the holder of the
// lock. Readers take it for a read model that has never reached the log's end, and wait until a projector has brought
// it there. Returns the position of the backup.
//
// NOT_FOUND: there is no such file. DATA_LOSS: it is damaged. FAILED_PRECONDITION: it is no read model, or of a schema
// that this program does not read.
absl::StatusOr<Position> Restore(const std::string& file, const Folder& folder);

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_BACKUP_H_
