#ifndef ROSTER_READ_MODEL_DEAD_LETTER_ROWS_H_
#define ROSTER_READ_MODEL_DEAD_LETTER_ROWS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "read-model/dead_letter.h"

namespace roster::read_model {

// Inside of the room: dead letters as rows, for Writer and Inspector. All throw SQLite::Exception.

std::string EncodeHeaders(const std::vector<std::pair<std::string, std::string>>& headers);
// Damaged bytes give the headers before the damage.
std::vector<std::pair<std::string, std::string>> DecodeHeaders(const std::string& bytes);

void InsertDeadLetter(SQLite::Database& database, const DeadLetter& letter, int64_t folded_at_us);
std::optional<StoredDeadLetter> SelectDeadLetter(SQLite::Database& database, DeadLetterId id);
// The ids that fulfil `condition` (SQL over the columns), after `after`, in order.
std::vector<DeadLetterId> SelectDeadLetterIds(SQLite::Database& database, const std::string& condition,
                                              std::optional<DeadLetterId> after, int max_rows);

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_DEAD_LETTER_ROWS_H_
