#ifndef ROSTER_CLIENTS_CLI_INPUT_READER_H_
#define ROSTER_CLIENTS_CLI_INPUT_READER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <istream>

namespace roster::cli {

// Bytes of a file or pipe, one by one, as soon as they are there. Counts lines and bytes.
//
// Thread safety: one thread reads; any thread may ask for bytes_read().
class InputReader {
 public:
  // At the end of the input, and after an error.
  static constexpr int kEnd = -1;

  // `in` must outlive it.
  explicit InputReader(std::istream& in) : in_(in) {}

  // The next byte, without taking it.
  int Peek() {
    if (next_ == filled_ && !Fill()) return kEnd;
    return static_cast<unsigned char>(buffer_[next_]);
  }

  int Take() {
    const int byte = Peek();
    if (byte == kEnd) return kEnd;
    ++next_;
    if (byte == '\n') ++line_;
    return byte;
  }

  // Line of the next byte; the first is 1.
  int64_t line() const { return line_; }
  // Bytes taken from the input so far, up to a buffer's length ahead of Take.
  int64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }
  // Whether the input ended because it could not be read.
  bool failed() const { return in_.bad(); }

 private:
  bool Fill();

  std::istream& in_;
  std::array<char, 1 << 16> buffer_;
  size_t next_ = 0;
  size_t filled_ = 0;
  int64_t line_ = 1;
  std::atomic<int64_t> bytes_read_ = 0;
};

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_INPUT_READER_H_
