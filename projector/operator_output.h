#ifndef ROSTER_PROJECTOR_OPERATOR_OUTPUT_H_
#define ROSTER_PROJECTOR_OPERATOR_OUTPUT_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "projector/control.pb.h"
#include "projector/lag.h"
#include "read-model/dead_letter.h"
#include "read-model/inspector.h"

namespace roster::projector {

// What operators' commands print: each answer as a message, and a message as a line of JSON or as text.

control::DeadLetterSummary ToProto(const read_model::DeadLetterRow& row);
control::DeadLetterDetails ToProto(const read_model::StoredDeadLetter& stored);
control::ReadModelStatus ToProto(const read_model::Summary& summary, absl::Time now);
// Adds how far the read model is behind its log.
void AddLag(const Lag& lag, absl::Time now, control::ReadModelStatus& status);
control::ReadModelDigest ToProto(const read_model::Digest& digest);

// Declares --output, which writes "table" or "json" into `output`.
void AddOutputOption(CLI::App& command, std::string& output);

// One line, the fields named as in control.proto, all of them. Bytes are base64.
std::string ToJsonLine(const google::protobuf::Message& message);

// The head of the table of dead letters, and a row.
std::string DeadLetterTableHead();
std::string ToTableRow(const control::DeadLetterSummary& summary);
std::string ToTableRow(const control::DeadLetterOutcome& outcome);

// Bytes that do not print are escaped as in C; long keys and values are cut, which the text says.
std::string ToText(const control::DeadLetterDetails& details);
std::string ToText(const control::ReadModelStatus& status);
std::string ToText(const control::ReadModelDigest& digest);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_OPERATOR_OUTPUT_H_
