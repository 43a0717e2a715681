// Linked into every program of a thread-sanitizer build. Debian's abseil is not built for that sanitizer, so it does
// not see that an absl::Mutex orders the accesses it protects, and would report races everywhere. These definitions
// stand before the library's own, for our code and for gRPC's alike: they tell the sanitizer, then call the library.
//
// Only happens-before is told, not which locks are held: the sanitizer finds races, but no lock-order inversions here.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <typeinfo>

#include "absl/synchronization/mutex.h"

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

// The library's function `rest` of `type`: "4LockEv" of absl::Mutex is _ZN4absl...5Mutex4LockEv.
template <typename Class, typename Function>
Function Real(const char* rest) {
  std::string name = typeid(Class).name();  // N4absl...5MutexE
  name = "_Z" + name.substr(0, name.size() - 1) + rest;
  void* const symbol = dlsym(RTLD_NEXT, name.c_str());
  if (symbol == nullptr) {
    std::fprintf(stderr, "tests/tsan/absl_mutex.cc: the library has no %s\n", name.c_str());
    std::abort();
  }
  return reinterpret_cast<Function>(symbol);
}

// While a mutex changes hands, abseil evaluates the conditions of those who wait: reads under the lock, but at a moment
// that the happens-before edges below do not cover.
struct IgnoreReads {
  IgnoreReads() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~IgnoreReads() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

template <typename Function, typename... Arguments>
auto Locking(absl::Mutex* mutex, Function function, Arguments... arguments) {
  struct Edge {
    ~Edge() { __tsan_acquire(mutex); }
    absl::Mutex* mutex;
    IgnoreReads ignore;
  } edge{mutex, {}};
  return function(arguments...);
}

template <typename Function, typename... Arguments>
auto Waiting(absl::Mutex* mutex, Function function, Arguments... arguments) {
  __tsan_release(mutex);
  return Locking(mutex, function, arguments...);
}

}  // namespace

// rest: the mangled parameters; NS0_ is absl with its inline namespace.
#define ROSTER_REAL(Class, rest, Result, ...) static const auto real = Real<Class, Result (*)(__VA_ARGS__)>(rest)

void absl::Mutex::Lock() {
  ROSTER_REAL(absl::Mutex, "4LockEv", void, absl::Mutex*);
  Locking(this, real, this);
}

void absl::Mutex::ReaderLock() {
  ROSTER_REAL(absl::Mutex, "10ReaderLockEv", void, absl::Mutex*);
  Locking(this, real, this);
}

bool absl::Mutex::TryLock() {
  ROSTER_REAL(absl::Mutex, "7TryLockEv", bool, absl::Mutex*);
  return Locking(this, real, this);
}

void absl::Mutex::Unlock() {
  ROSTER_REAL(absl::Mutex, "6UnlockEv", void, absl::Mutex*);
  __tsan_release(this);
  const IgnoreReads ignore;
  real(this);
}

void absl::Mutex::ReaderUnlock() {
  ROSTER_REAL(absl::Mutex, "12ReaderUnlockEv", void, absl::Mutex*);
  __tsan_release(this);
  const IgnoreReads ignore;
  real(this);
}

void absl::Mutex::LockWhen(const absl::Condition& condition) {
  ROSTER_REAL(absl::Mutex, "8LockWhenERKNS0_9ConditionE", void, absl::Mutex*, const absl::Condition*);
  Locking(this, real, this, &condition);
}

bool absl::Mutex::LockWhenWithTimeout(const absl::Condition& condition, absl::Duration timeout) {
  ROSTER_REAL(absl::Mutex, "19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE", bool, absl::Mutex*,
              const absl::Condition*, absl::Duration);
  return Locking(this, real, this, &condition, timeout);
}

bool absl::Mutex::LockWhenWithDeadline(const absl::Condition& condition, absl::Time deadline) {
  ROSTER_REAL(absl::Mutex, "20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE", bool, absl::Mutex*,
              const absl::Condition*, absl::Time);
  return Locking(this, real, this, &condition, deadline);
}

void absl::Mutex::Await(const absl::Condition& condition) {
  ROSTER_REAL(absl::Mutex, "5AwaitERKNS0_9ConditionE", void, absl::Mutex*, const absl::Condition*);
  Waiting(this, real, this, &condition);
}

bool absl::Mutex::AwaitWithTimeout(const absl::Condition& condition, absl::Duration timeout) {
  ROSTER_REAL(absl::Mutex, "16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", bool, absl::Mutex*,
              const absl::Condition*, absl::Duration);
  return Waiting(this, real, this, &condition, timeout);
}

bool absl::Mutex::AwaitWithDeadline(const absl::Condition& condition, absl::Time deadline) {
  ROSTER_REAL(absl::Mutex, "17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE", bool, absl::Mutex*,
              const absl::Condition*, absl::Time);
  return Waiting(this, real, this, &condition, deadline);
}

void absl::CondVar::Wait(absl::Mutex* mutex) {
  ROSTER_REAL(absl::CondVar, "4WaitEPNS0_5MutexE", void, absl::CondVar*, absl::Mutex*);
  Waiting(mutex, real, this, mutex);
}

bool absl::CondVar::WaitWithTimeout(absl::Mutex* mutex, absl::Duration timeout) {
  ROSTER_REAL(absl::CondVar, "15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE", bool, absl::CondVar*, absl::Mutex*,
              absl::Duration);
  return Waiting(mutex, real, this, mutex, timeout);
}

bool absl::CondVar::WaitWithDeadline(absl::Mutex* mutex, absl::Time deadline) {
  ROSTER_REAL(absl::CondVar, "16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE", bool, absl::CondVar*, absl::Mutex*,
              absl::Time);
  return Waiting(mutex, real, this, mutex, deadline);
}
