#include "base/json_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace roster {

void AppendJsonString(absl::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte >= 0x7f) {
      // Bytes beyond ASCII may be no UTF-8 at all: as code points of Latin-1 they keep the line valid JSON.
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void AppendJsonMember(absl::string_view key, absl::string_view value, bool quoted, std::string& out) {
  if (out.size() > 1) out.push_back(',');
  AppendJsonString(key, out);
  out.push_back(':');
  if (quoted) {
    AppendJsonString(value, out);
  } else {
    absl::StrAppend(&out, value);
  }
}

}  // namespace roster
