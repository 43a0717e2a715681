// NDJSON, as `rosterctl import` reads it: any bytes are rows or errors that name a line; and a user as `rosterctl
// export` writes them, or a request, is read as it was.
#include "absl/strings/str_cat.h"
#include "clients/cli/import_rows.h"
#include "clients/cli/user_format.h"
#include "tests/fuzz/import_input.h"

namespace roster::cli {
namespace {

v1::User UserOf(const v1::SignUpUserRequest& request) {
  v1::User user;
  user.set_user_id(request.user_id());
  user.set_email(request.email());
  user.set_display_name(request.display_name());
  *user.mutable_labels() = request.labels();
  user.set_status(v1::USER_STATUS_ACTIVE);
  user.set_version(7);
  user.mutable_create_time()->set_seconds(1'700'000'000);
  return user;
}

}  // namespace

ROSTER_FUZZER(ndjson_import) {
  fuzz::InputReader reader(input);
  switch (reader.Byte() % 3) {
    case 0:
      return fuzz::ReadAllRows(ImportFormat::kNdjson, std::string(reader.Rest()));
    case 1: {
      const v1::SignUpUserRequest request = fuzz::SignUpOf(reader);
      return fuzz::CheckOneRow(ImportFormat::kNdjson, ToJson(request), request);
    }
    default: {
      v1::SignUpUserRequest request = fuzz::SignUpOf(reader);
      request.clear_request_id();
      return fuzz::CheckOneRow(ImportFormat::kNdjson, absl::StrCat(ToJson(UserOf(request)), "\n"), request);
    }
  }
}

}  // namespace roster::cli
