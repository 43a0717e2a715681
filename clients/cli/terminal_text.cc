#include "clients/cli/terminal_text.h"

#include <cstdint>

namespace roster::cli {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";
constexpr absl::string_view kEllipsis = "\xE2\x80\xA6";

struct CodePoint {
  // -1: the bytes are no UTF-8.
  int32_t value = -1;
  size_t bytes = 1;
};

// The first code point of `text`, which is not empty. Overlong forms and surrogates are none.
CodePoint Decode(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return {};
  int32_t value = byte(0) & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) return {};
  return {value, length};
}

struct Range {
  int32_t first;
  int32_t last;
};

template <size_t kSize>
bool In(const Range (&ranges)[kSize], int32_t value) {
  for (const Range& range : ranges) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

// C0, DEL, C1; soft hyphen; zero-width and directional marks; line and paragraph separators; the byte order mark;
// interlinear annotations; tags.
constexpr Range kUnsafe[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},
                             {0x180E, 0x180E}, {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E},
                             {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};

constexpr Range kCombining[] = {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},
                                {0x64B, 0x65F},   {0x93C, 0x93C},   {0x941, 0x948},   {0xE31, 0xE31},
                                {0xE34, 0xE3A},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200C, 0x200D},
                                {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

constexpr Range kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
                           {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
                           {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
                           {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

int WidthOf(int32_t value) {
  if (value < 0x300) return 1;
  if (In(kCombining, value)) return 0;
  return In(kWide, value) ? 2 : 1;
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const CodePoint point = Decode(text);
    if (point.value < 0) return false;
    text.remove_prefix(point.bytes);
  }
  return true;
}

std::string Printable(absl::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = Decode(text);
    const absl::string_view bytes = text.substr(0, point.bytes);
    const absl::string_view shown = point.value < 0 || In(kUnsafe, point.value) ? kReplacement : bytes;
    result.append(shown.data(), shown.size());
    text.remove_prefix(point.bytes);
  }
  return result;
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint point = Decode(text);
    width += WidthOf(point.value);
    text.remove_prefix(point.bytes);
  }
  return width;
}

std::string Fit(absl::string_view text, int width, bool cut) {
  const int whole = DisplayWidth(text);
  if (whole <= width) return std::string(text) + std::string(width - whole, ' ');
  if (!cut || width < 1) return std::string(text);
  size_t kept = 0;
  int used = 0;
  while (kept < text.size()) {
    const CodePoint point = Decode(text.substr(kept));
    // One column is the ellipsis's.
    if (used + WidthOf(point.value) > width - 1) break;
    used += WidthOf(point.value);
    kept += point.bytes;
  }
  std::string result(text.substr(0, kept));
  result.append(kEllipsis.data(), kEllipsis.size());
  return result + std::string(width - 1 - used, ' ');
}

}  // namespace roster::cli
