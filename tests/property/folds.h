#ifndef ROSTER_TESTS_PROPERTY_FOLDS_H_
#define ROSTER_TESTS_PROPERTY_FOLDS_H_

#include <string>

#include "event-log/event_log.h"
#include "tests/property/rounds.h"
#include "tests/property/user_model.h"

namespace roster::test {

// Folds `log` into a write model, and into a read model, by the services' own folds, with restarts, and with older
// copies of the files put back, at random points; expects that each holds what `model` does. `requests`: request ids
// are all on the log.
void ExpectWriteModel(event_log::EventLog& log, const UserModel& model, bool requests, Random& random);
void ExpectReadModel(event_log::EventLog& log, const UserModel& model, Random& random);

// Of the folds' own files: all whose path begins with `path` are copied to, or put back from, a folder.
void CopyFiles(const std::string& path, const std::string& folder);
void PutFilesBack(const std::string& folder, const std::string& path);

// That the write model in this file, of a command service that has stopped, holds what `model` does.
void ExpectWriteModelFile(const std::string& path, const UserModel& model, bool requests);

}  // namespace roster::test

#endif  // ROSTER_TESTS_PROPERTY_FOLDS_H_
