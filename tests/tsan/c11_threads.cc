// Linked into every program of a thread-sanitizer build. librdkafka uses C11's threads, which that sanitizer (gcc 12)
// does not know: a thread that it did not see start has no state of its own, and crashes; a lock that it does not see
// orders nothing. These definitions stand before the C library's own and use pthreads, which it knows; in glibc a mtx_t
// and a cnd_t are a pthread_mutex_t and a pthread_cond_t.
#include <errno.h>
#include <pthread.h>
#include <threads.h>

#include <cstdint>
#include <memory>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* Run(void* start) {
  const std::unique_ptr<Start> owned(static_cast<Start*>(start));
  return reinterpret_cast<void*>(static_cast<intptr_t>(owned->function(owned->argument)));
}

pthread_mutex_t* Mutex(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* Condition(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }

int Result(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    default:
      return thrd_error;
  }
}

}  // namespace

extern "C" int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  if (pthread_create(thread, nullptr, Run, start.get()) != 0) return thrd_error;
  static_cast<void>(start.release());
  return thrd_success;
}

extern "C" int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  if (pthread_join(thread, &value) != 0) return thrd_error;
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<intptr_t>(value));
  return thrd_success;
}

extern "C" int mtx_lock(mtx_t* mutex) { return Result(pthread_mutex_lock(Mutex(mutex))); }
extern "C" int mtx_trylock(mtx_t* mutex) { return Result(pthread_mutex_trylock(Mutex(mutex))); }
extern "C" int mtx_unlock(mtx_t* mutex) { return Result(pthread_mutex_unlock(Mutex(mutex))); }
extern "C" int cnd_signal(cnd_t* condition) { return Result(pthread_cond_signal(Condition(condition))); }
extern "C" int cnd_broadcast(cnd_t* condition) { return Result(pthread_cond_broadcast(Condition(condition))); }
extern "C" int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return Result(pthread_cond_wait(Condition(condition), Mutex(mutex)));
}
extern "C" int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return Result(pthread_cond_timedwait(Condition(condition), Mutex(mutex), until));
}
