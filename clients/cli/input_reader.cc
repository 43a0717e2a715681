#include "clients/cli/input_reader.h"

#include <algorithm>

namespace roster::cli {

bool InputReader::Fill() {
  std::streambuf& source = *in_.rdbuf();
  // Waits for at least one byte, then takes what is there: reading a whole buffer would wait for it to fill, which a
  // pipe that somebody types into never does.
  if (source.sgetc() == std::streambuf::traits_type::eof()) return false;
  const std::streamsize ready = std::max<std::streamsize>(source.in_avail(), 1);
  const std::streamsize count = source.sgetn(buffer_.data(), std::min<std::streamsize>(ready, buffer_.size()));
  next_ = 0;
  filled_ = static_cast<size_t>(std::max<std::streamsize>(count, 0));
  bytes_read_.fetch_add(count, std::memory_order_relaxed);
  return filled_ > 0;
}

}  // namespace roster::cli
