#include "clients/cli/import_rows.h"

#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/siphash.h"
#include "base/token.h"
#include "clients/cli/csv_reader.h"
#include "clients/cli/terminal_text.h"
#include "clients/cli/user_format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace roster::cli {
namespace {

using google::protobuf::util::JsonStringToMessage;

constexpr size_t kMaxLineBytes = 1 << 20;
constexpr absl::string_view kLabelPrefix = "label.";

// What a column that is no label does to a row. Null: it is not read.
using SetField = absl::Status (*)(const std::string& value, ImportRow& row);

absl::Status SetLabels(const std::string& value, ImportRow& row) {
  if (value.empty()) return absl::OkStatus();
  google::protobuf::Struct object;
  if (!JsonStringToMessage(value, &object).ok()) {
    return absl::InvalidArgumentError("labels: give a JSON object, {\"team\": \"blue\"} for instance");
  }
  for (const auto& [key, label] : object.fields()) {
    if (!label.has_string_value()) return absl::InvalidArgumentError(absl::StrCat("labels: '", key, "' is no string"));
    (*row.request.mutable_labels())[key] = label.string_value();
  }
  return absl::OkStatus();
}

absl::Status SetStatus(v1::UserStatus status, ImportRow& row) {
  if (status == v1::USER_STATUS_DELETED) {
    return absl::InvalidArgumentError("status: the user is deleted; leave this row out, or clear its status");
  }
  row.was_inactive = status == v1::USER_STATUS_INACTIVE;
  return absl::OkStatus();
}

absl::Status SetStatusByName(const std::string& value, ImportRow& row) {
  if (value.empty()) return absl::OkStatus();
  const auto status = ParseStatus(value);
  if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat("status: ", status.status().message()));
  return SetStatus(*status, row);
}

const std::map<std::string, SetField>& Columns() {
  const auto set_email = [](const std::string& value, ImportRow& row) {
    row.request.set_email(value);
    return absl::OkStatus();
  };
  const auto set_name = [](const std::string& value, ImportRow& row) {
    row.request.set_display_name(value);
    return absl::OkStatus();
  };
  const auto set_id = [](const std::string& value, ImportRow& row) {
    row.request.set_user_id(value);
    return absl::OkStatus();
  };
  const auto set_request_id = [](const std::string& value, ImportRow& row) {
    row.request.set_request_id(value);
    return absl::OkStatus();
  };
  static const auto* const kColumns = new std::map<std::string, SetField>{
      {"email", set_email},     {"name", set_name},    {"display_name", set_name},  {"id", set_id},
      {"user_id", set_id},      {"labels", SetLabels}, {"status", SetStatusByName}, {"request_id", set_request_id},
      {"version", nullptr},     {"etag", nullptr},     {"create_time", nullptr},    {"update_time", nullptr},
      {"delete_time", nullptr},
  };
  return *kColumns;
}

class CsvRows : public ImportRows {
 public:
  explicit CsvRows(InputReader& input) : reader_(input) {}

  absl::StatusOr<std::optional<ImportRow>> Next() override {
    CsvRecord record;
    if (columns_.empty()) ROSTER_RETURN_IF_ERROR(ReadHeader(record));
    ROSTER_ASSIGN_OR_RETURN(const bool more, reader_.Next(record));
    if (!more) return std::nullopt;
    ImportRow row;
    row.line = record.line;
    row.error = record.error.ok() ? Fill(record, row) : record.error;
    return row;
  }

 private:
  struct Column {
    SetField set = nullptr;
    // Set where the column is one label's.
    std::string label_key;
  };

  absl::Status ReadHeader(CsvRecord& record) {
    ROSTER_ASSIGN_OR_RETURN(const bool more, reader_.Next(record));
    if (!more) return absl::InvalidArgumentError("line 1: the file is empty; its first line must name the columns");
    if (!record.error.ok()) return absl::InvalidArgumentError(absl::StrCat("line 1: ", record.error.message()));
    std::set<std::string> names;
    for (const std::string& field : record.fields) {
      const std::string name(absl::StripAsciiWhitespace(field));
      if (!IsUtf8(name)) return absl::InvalidArgumentError("line 1: this is no UTF-8; save the file as UTF-8");
      ROSTER_RETURN_IF_ERROR(AddColumn(name));
      if (!names.insert(name).second)
        return absl::InvalidArgumentError(absl::StrCat("line 1: two columns '", name, "'"));
    }
    if (names.count("email") == 0) {
      return absl::InvalidArgumentError(
          "line 1: no column 'email'; the first line must name the columns, with commas "
          "between them: email,name");
    }
    return absl::OkStatus();
  }

  absl::Status AddColumn(const std::string& name) {
    if (absl::StartsWith(name, kLabelPrefix) && name.size() > kLabelPrefix.size()) {
      columns_.push_back({nullptr, name.substr(kLabelPrefix.size())});
      return absl::OkStatus();
    }
    const auto found = Columns().find(name);
    if (found == Columns().end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line 1: unknown column '", name, "'; known are ",
          absl::StrJoin(Columns(), ", ", [](std::string* out, const auto& c) { absl::StrAppend(out, c.first); }),
          " and label.KEY"));
    }
    columns_.push_back({found->second, ""});
    return absl::OkStatus();
  }

  absl::Status Fill(const CsvRecord& record, ImportRow& row) const {
    if (record.fields.size() != columns_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(record.fields.size(), " fields, but the first line names ", columns_.size(), " columns"));
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string& value = record.fields[i];
      if (!IsUtf8(value)) return absl::InvalidArgumentError("the row is not UTF-8; save the file as UTF-8");
      if (columns_[i].set != nullptr) {
        ROSTER_RETURN_IF_ERROR(columns_[i].set(value, row));
      } else if (!columns_[i].label_key.empty() && !value.empty()) {
        (*row.request.mutable_labels())[columns_[i].label_key] = value;
      }
    }
    return absl::OkStatus();
  }

  CsvReader reader_;
  std::vector<Column> columns_;
};

// Protobuf's own message, without its outer name of the code and in one line.
std::string JsonError(absl::string_view message) {
  return absl::StrCat("not a user in JSON: ", message.substr(0, message.find('\n')));
}

class NdjsonRows : public ImportRows {
 public:
  explicit NdjsonRows(InputReader& input) : input_(input) {}

  absl::StatusOr<std::optional<ImportRow>> Next() override {
    std::string line;
    ImportRow row;
    do {
      row.line = input_.line();
      ROSTER_ASSIGN_OR_RETURN(const bool more, ReadLine(line));
      if (!more) return std::nullopt;
    } while (absl::StripAsciiWhitespace(line).empty());
    row.error = Fill(line, row);
    return row;
  }

 private:
  absl::StatusOr<bool> ReadLine(std::string& line) {
    line.clear();
    if (input_.Peek() == InputReader::kEnd) {
      if (input_.failed()) return absl::DataLossError("the input cannot be read");
      return false;
    }
    const int64_t number = input_.line();
    for (int byte = input_.Take(); byte != '\n' && byte != InputReader::kEnd; byte = input_.Take()) {
      if (line.size() == kMaxLineBytes) {
        return absl::InvalidArgumentError(absl::StrCat("line ", number, ": longer than ", kMaxLineBytes, " bytes"));
      }
      line.push_back(static_cast<char>(byte));
    }
    if (number == 1 && absl::StartsWith(line, "\xEF\xBB\xBF")) line.erase(0, 3);
    return true;
  }

  // A user as `rosterctl export` writes it, or else a request.
  static absl::Status Fill(const std::string& line, ImportRow& row) {
    if (JsonStringToMessage(line, &row.request).ok()) return absl::OkStatus();
    row.request.Clear();
    v1::User user;
    if (const auto status = JsonStringToMessage(line, &user); !status.ok()) {
      return absl::InvalidArgumentError(JsonError(std::string(status.message())));
    }
    row.request.set_email(user.email());
    row.request.set_display_name(user.display_name());
    row.request.set_user_id(user.user_id());
    *row.request.mutable_labels() = user.labels();
    return SetStatus(user.status(), row);
  }

  InputReader& input_;
};

}  // namespace

std::optional<ImportFormat> FormatOfName(const std::string& name) {
  const std::string lower = absl::AsciiStrToLower(name);
  if (absl::EndsWith(lower, ".csv")) return ImportFormat::kCsv;
  if (absl::EndsWith(lower, ".ndjson") || absl::EndsWith(lower, ".jsonl")) return ImportFormat::kNdjson;
  return std::nullopt;
}

std::unique_ptr<ImportRows> MakeImportRows(ImportFormat format, InputReader& input) {
  if (format == ImportFormat::kCsv) return std::make_unique<CsvRows>(input);
  return std::make_unique<NdjsonRows>(input);
}

std::string DeriveRequestId(const std::string& prefix, int64_t line, const v1::SignUpUserRequest& request) {
  TokenWriter content;
  content.String(request.email());
  content.String(request.display_name());
  content.String(request.user_id());
  const std::map<std::string, std::string> labels(request.labels().begin(), request.labels().end());
  for (const auto& [key, value] : labels) {
    content.String(key);
    content.String(value);
  }
  const std::string bytes = content.Take();
  // Two keys make 128 bits: rows of a large import do not meet by chance.
  return absl::StrCat(prefix, "-", line, "-", absl::Hex(SipHash({1, 0}, bytes), absl::kZeroPad16),
                      absl::Hex(SipHash({2, 0}, bytes), absl::kZeroPad16));
}

}  // namespace roster::cli
