#include "base/position.h"

#include <utility>

namespace roster {

bool Position::Reaches(const Position& other) const {
  if (other.empty()) return true;
  if (log_id != other.log_id || next_offsets.size() != other.next_offsets.size()) return false;
  for (size_t i = 0; i < next_offsets.size(); ++i) {
    if (next_offsets[i] < other.next_offsets[i]) return false;
  }
  return true;
}

Position StartOf(std::string log_id, int partitions) {
  return Position{.log_id = std::move(log_id), .next_offsets = std::vector<int64_t>(partitions, 0)};
}

}  // namespace roster
