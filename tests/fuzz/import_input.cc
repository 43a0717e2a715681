#include "tests/fuzz/import_input.h"

#include <sstream>

#include "google/protobuf/util/message_differencer.h"

namespace roster::fuzz {

void ReadAllRows(cli::ImportFormat format, const std::string& text) {
  std::istringstream in(text);
  cli::InputReader input(in);
  const auto rows = cli::MakeImportRows(format, input);
  int64_t line = 0;
  for (;;) {
    const auto row = rows->Next();
    if (!row.ok()) {
      FUZZ_CHECK(!row.status().message().empty());
      return;
    }
    if (!row->has_value()) return;
    FUZZ_CHECK((*row)->line > line);
    line = (*row)->line;
    if (!(*row)->error.ok()) continue;
    // What is to be sent must be what protobuf can send.
    v1::SignUpUserRequest sent;
    FUZZ_CHECK(sent.ParseFromString((*row)->request.SerializeAsString()));
    FUZZ_CHECK(cli::DeriveRequestId("p", line, (*row)->request).size() <= 128);
  }
}

void CheckOneRow(cli::ImportFormat format, const std::string& text, const v1::SignUpUserRequest& request) {
  std::istringstream in(text);
  cli::InputReader input(in);
  const auto rows = cli::MakeImportRows(format, input);
  const auto row = rows->Next();
  FUZZ_CHECK(row.ok() && row->has_value());
  FUZZ_CHECK((*row)->error.ok());
  FUZZ_CHECK(google::protobuf::util::MessageDifferencer::Equals((*row)->request, request));
  const auto end = rows->Next();
  FUZZ_CHECK(end.ok() && !end->has_value());
}

v1::SignUpUserRequest SignUpOf(InputReader& reader) {
  v1::SignUpUserRequest request;
  request.set_email(reader.AsciiText());
  request.set_display_name(reader.AsciiText() + "é");
  request.set_user_id(reader.AsciiText());
  request.set_request_id(reader.AsciiText());
  if (const std::string team = reader.AsciiText(); !team.empty()) (*request.mutable_labels())["team"] = team;
  return request;
}

}  // namespace roster::fuzz
