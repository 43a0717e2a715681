#ifndef ROSTER_BENCH_CEILINGS_ONE_UPSERT_H_
#define ROSTER_BENCH_CEILINGS_ONE_UPSERT_H_

#include <cstdint>
#include <string>

#include "SQLiteCpp/SQLiteCpp.h"

namespace roster::bench {

// A new file with the read model's schema and settings, and one user to a commit: the least that a projector does for
// an event. Throws SQLite::Exception.
class OneUpsert {
 public:
  explicit OneUpsert(const std::string& path);
  void Commit(int64_t user);

 private:
  SQLite::Database database_;
  SQLite::Statement upsert_;
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_ONE_UPSERT_H_
