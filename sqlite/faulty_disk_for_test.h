#ifndef ROSTER_SQLITE_FAULTY_DISK_FOR_TEST_H_
#define ROSTER_SQLITE_FAULTY_DISK_FOR_TEST_H_

#include <cstdint>
#include <string>

namespace roster::sqlite {

// A disk that fails under SQLite's feet: from a chosen write on, every write, truncation and sync to files whose path
// contains a given text fails. Everything written before stays, as after a crash of the process.
//
// One at a time; made before the databases are opened. Thread safety: safe from any thread.
class FaultyDisk {
 public:
  explicit FaultyDisk(const std::string& path_part);
  ~FaultyDisk();

  // Lets the next `writes` succeed, and then fails with `sqlite_error` until Heal.
  void FailAfter(int64_t writes, int sqlite_error);
  void Heal();
  // Writes so far.
  int64_t writes() const;
  // Whether any write has failed since the last Heal.
  bool has_failed() const;
};

}  // namespace roster::sqlite

#endif  // ROSTER_SQLITE_FAULTY_DISK_FOR_TEST_H_
