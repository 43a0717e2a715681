#include "sqlite/faulty_disk_for_test.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>

namespace roster::sqlite {
namespace {

// SQLite calls back through plain function pointers, so the state is of the process.
std::atomic<int64_t> write_count{0};
std::atomic<int64_t> fail_after{std::numeric_limits<int64_t>::max()};
std::atomic<int> failure{SQLITE_IOERR_WRITE};
std::atomic<bool> failed{false};
std::string* watched_path_part = nullptr;
sqlite3_vfs* real_vfs = nullptr;
sqlite3_vfs faulty_vfs;

std::mutex methods_mutex;
// The real methods, by the address of the methods that stand in for them; entries never move.
std::map<const sqlite3_io_methods*, const sqlite3_io_methods*>& RealMethods() {
  static auto* const methods = new std::map<const sqlite3_io_methods*, const sqlite3_io_methods*>();
  return *methods;
}

const sqlite3_io_methods* RealMethodsOf(sqlite3_file* file) {
  const std::lock_guard lock(methods_mutex);
  return RealMethods().at(file->pMethods);
}

int CountWrite() {
  if (write_count++ < fail_after) return SQLITE_OK;
  failed = true;
  return failure;
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  const int result = CountWrite();
  return result != SQLITE_OK ? result : RealMethodsOf(file)->xWrite(file, bytes, size, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int result = CountWrite();
  return result != SQLITE_OK ? result : RealMethodsOf(file)->xTruncate(file, size);
}

int Sync(sqlite3_file* file, int flags) {
  const int result = CountWrite();
  return result != SQLITE_OK ? result : RealMethodsOf(file)->xSync(file, flags);
}

// The methods that stand in for `real`, made when first needed.
const sqlite3_io_methods* FaultyMethods(const sqlite3_io_methods* real) {
  const std::lock_guard lock(methods_mutex);
  for (const auto& [faulty, known] : RealMethods()) {
    if (known == real) return faulty;
  }
  auto* faulty = new sqlite3_io_methods(*real);
  faulty->xWrite = Write;
  faulty->xTruncate = Truncate;
  faulty->xSync = Sync;
  RealMethods()[faulty] = real;
  return faulty;
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int result = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  const bool watched = name != nullptr && std::strstr(name, watched_path_part->c_str()) != nullptr;
  if (result == SQLITE_OK && watched) file->pMethods = FaultyMethods(file->pMethods);
  return result;
}

}  // namespace

FaultyDisk::FaultyDisk(const std::string& path_part) {
  watched_path_part = new std::string(path_part);
  real_vfs = sqlite3_vfs_find(nullptr);
  faulty_vfs = *real_vfs;
  faulty_vfs.zName = "faulty";
  faulty_vfs.xOpen = Open;
  write_count = 0;
  Heal();
  if (sqlite3_vfs_register(&faulty_vfs, /*makeDflt=*/1) != SQLITE_OK) std::abort();
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&faulty_vfs);
  sqlite3_vfs_register(real_vfs, /*makeDflt=*/1);
  delete watched_path_part;
}

void FaultyDisk::FailAfter(int64_t more_writes, int sqlite_error) {
  failure = sqlite_error;
  fail_after = write_count + more_writes;
}

void FaultyDisk::Heal() {
  fail_after = std::numeric_limits<int64_t>::max();
  failed = false;
}

int64_t FaultyDisk::writes() const { return write_count; }
bool FaultyDisk::has_failed() const { return failed; }

}  // namespace roster::sqlite
