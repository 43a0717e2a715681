#include "base/consistency_token.h"

#include <limits>

namespace roster {

void WritePosition(const Position& position, TokenWriter& writer) {
  writer.String(position.log_id);
  writer.Int(position.next_offsets.size());
  for (const int64_t offset : position.next_offsets) writer.Int(static_cast<uint64_t>(offset));
}

Position ReadPosition(TokenReader& reader) {
  Position position;
  position.log_id = reader.String();
  const uint64_t partitions = reader.Int();
  for (uint64_t i = 0; i < partitions && reader.ok(); ++i) {
    const uint64_t offset = reader.Int();
    if (offset > uint64_t{std::numeric_limits<int64_t>::max()}) reader.Fail();
    position.next_offsets.push_back(static_cast<int64_t>(offset));
  }
  if (position.log_id.empty() != position.next_offsets.empty()) reader.Fail();
  return reader.ok() ? position : Position{};
}

std::string EncodeConsistencyToken(const Position& position) {
  TokenWriter writer;
  WritePosition(position, writer);
  return SealToken(TokenKind::kConsistency, writer.Take());
}

absl::StatusOr<Position> DecodeConsistencyToken(absl::string_view token) {
  if (token.empty()) return Position{};
  absl::StatusOr<std::string> payload = OpenToken(TokenKind::kConsistency, token);
  if (!payload.ok()) return payload.status();
  TokenReader reader(*payload);
  Position position = ReadPosition(reader);
  if (!reader.Finished()) return absl::InvalidArgumentError("is not a token of this service, or was cut short");
  return position;
}

}  // namespace roster
