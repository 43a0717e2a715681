// A library that stands between a program and the C library (LD_PRELOAD), to make disks fail and clocks jump for that
// program alone, without root. See fault_shim.h.
#include "tests/chaos/fault_shim.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

using roster::test::chaos::ShimControl;

ShimControl* Control() {
  static ShimControl* const control = [] {
    static ShimControl nothing_is_wrong{};
    const char* path = std::getenv("ROSTER_FAULT_SHIM");
    const int fd = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return &nothing_is_wrong;
    void* mapped = mmap(nullptr, sizeof(ShimControl), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return mapped == MAP_FAILED ? &nothing_is_wrong : static_cast<ShimControl*>(mapped);
  }();
  return control;
}

// The C library's own function.
template <typename Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool Concerns(const char* path) {
  const char* below = Control()->path;
  return std::strncmp(path, below, std::strlen(below)) == 0;
}

// Whether a call on `fd` is to fail; sets errno.
bool Fails(int fd, bool reads = false) {
  const int error = Control()->disk_error;
  if (error == 0 || (reads && error != EIO)) return false;
  std::array<char, 64> link;
  std::array<char, 4096> path;
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link.data(), path.data(), path.size() - 1);
  if (size <= 0) return false;
  path[static_cast<size_t>(size)] = '\0';
  if (!Concerns(path.data())) return false;
  errno = error;
  return true;
}

void Shift(timespec& time, int64_t offset_us) {
  int64_t nanos = time.tv_nsec + (offset_us % 1'000'000) * 1000;
  time.tv_sec += offset_us / 1'000'000 + nanos / 1'000'000'000 - (nanos < 0 ? 1 : 0);
  time.tv_nsec = (nanos % 1'000'000'000 + 1'000'000'000) % 1'000'000'000;
  // A time long past; the kernel takes none before 1970.
  if (time.tv_sec < 0) time = {};
}

}  // namespace

// NOLINTBEGIN: the C library's names and signatures.
extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  static auto* const real = Real<ssize_t(int, const void*, size_t)>("write");
  return Fails(fd) ? -1 : real(fd, data, size);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
  static auto* const real = Real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return Fails(fd) ? -1 : real(fd, data, size, offset);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) { return pwrite64(fd, data, size, offset); }

ssize_t pread64(int fd, void* data, size_t size, off64_t offset) {
  static auto* const real = Real<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return Fails(fd, true) ? -1 : real(fd, data, size, offset);
}
ssize_t pread(int fd, void* data, size_t size, off_t offset) { return pread64(fd, data, size, offset); }

int fsync(int fd) {
  static auto* const real = Real<int(int)>("fsync");
  return Fails(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  static auto* const real = Real<int(int)>("fdatasync");
  return Fails(fd) ? -1 : real(fd);
}

int ftruncate64(int fd, off64_t size) {
  static auto* const real = Real<int(int, off64_t)>("ftruncate64");
  return Fails(fd) ? -1 : real(fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int posix_fallocate64(int fd, off64_t offset, off64_t size) {
  static auto* const real = Real<int(int, off64_t, off64_t)>("posix_fallocate64");
  return Fails(fd) ? errno : real(fd, offset, size);
}
int posix_fallocate(int fd, off_t offset, off_t size) { return posix_fallocate64(fd, offset, size); }

int clock_gettime(clockid_t clock, timespec* time) {
  static auto* const real = Real<int(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    Shift(*time, Control()->clock_offset_us);
  return result;
}

int gettimeofday(timeval* time, void*) {
  timespec now;
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return result;
}

time_t time(time_t* result) {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

// Waits until a time of day are given the kernel's time, which has not jumped. So a jump that comes during such a wait
// does not lengthen or shorten it here, as it would on a machine whose own clock is set.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  static auto* const real = Real<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)>("pthread_cond_timedwait");
  timespec shifted = *until;
  Shift(shifted, -Control()->clock_offset_us);
  return real(condition, mutex, &shifted);
}

// How abseil waits.
long syscall(long number, ...) {
  static auto* const real = Real<long(long, long, long, long, long, long, long)>("syscall");
  va_list list;
  va_start(list, number);
  std::array<long, 6> arguments;
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  timespec until;
  if (number == SYS_futex && (arguments[1] & FUTEX_CLOCK_REALTIME) != 0 && arguments[3] != 0) {
    until = *reinterpret_cast<const timespec*>(arguments[3]);
    Shift(until, -Control()->clock_offset_us);
    arguments[3] = reinterpret_cast<long>(&until);
  }
  return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

}  // extern "C"
// NOLINTEND
