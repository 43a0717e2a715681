#include "clients/cli/user_printer.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/csv_writer.h"
#include "clients/cli/terminal_text.h"
#include "clients/cli/user_format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/time_util.h"

namespace roster::cli {
namespace {

class JsonPrinter : public UserPrinter {
 public:
  explicit JsonPrinter(std::ostream& out) : out_(out) {}
  void Print(const v1::User& user) override { out_ << ToJson(user) << '\n'; }
  void EndOfPage() override { out_.flush(); }

 private:
  std::ostream& out_;
};

std::string ExactTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return google::protobuf::util::TimeUtil::ToString(time);
}

// A JSON object, since a label's value may hold any text.
std::string LabelsColumn(const v1::User& user) {
  if (user.labels().empty()) return "";
  google::protobuf::Struct object;
  for (const auto& [key, value] : user.labels()) (*object.mutable_fields())[key].set_string_value(value);
  return ToJson(object);
}

class CsvPrinter : public UserPrinter {
 public:
  CsvPrinter(std::ostream& out, bool printable) : out_(out), printable_(printable) {}

  void Print(const v1::User& user) override {
    PrintTitles();
    std::vector<std::string> fields = {user.user_id(),
                                       user.email(),
                                       user.display_name(),
                                       StatusName(user.status()),
                                       LabelsColumn(user),
                                       absl::StrCat(user.version()),
                                       user.etag(),
                                       ExactTime(user.create_time()),
                                       ExactTime(user.update_time()),
                                       ExactTime(user.delete_time())};
    if (printable_)
      std::transform(fields.begin(), fields.end(), fields.begin(), [](const auto& f) { return Printable(f); });
    out_ << FormatCsvRecord(fields);
  }

  void EndOfPage() override {
    PrintTitles();
    out_.flush();
  }
  void Finish() override { EndOfPage(); }

 private:
  // Not before there is an answer: a list that fails prints nothing.
  void PrintTitles() {
    if (titles_printed_) return;
    titles_printed_ = true;
    out_ << FormatCsvRecord({"user_id", "email", "display_name", "status", "labels", "version", "etag", "create_time",
                             "update_time", "delete_time"});
  }

  std::ostream& out_;
  const bool printable_;
  bool titles_printed_ = false;
};

struct Column {
  const char* title;
  int max_width;
  bool may_be_cut;
  int width = 0;
};

class TablePrinter : public UserPrinter {
 public:
  TablePrinter(std::ostream& out, bool cut) : out_(out), cut_(cut) {}

  void Print(const v1::User& user) override {
    Row row = MakeRow(user);
    if (chosen_) {
      PrintRow(row);
      return;
    }
    first_page_.push_back(std::move(row));
    if (first_page_.size() >= kMaxFirstPage) ChooseWidths();
  }

  void EndOfPage() override {
    if (!chosen_) ChooseWidths();
    out_.flush();
  }

  void Finish() override { EndOfPage(); }

 private:
  static constexpr size_t kColumns = 7;
  static constexpr size_t kMaxFirstPage = 1000;
  using Row = std::array<std::string, kColumns>;

  static Row MakeRow(const v1::User& user) {
    return {Printable(user.user_id()),    Printable(user.email()),      Printable(user.display_name()),
            StatusName(user.status()),    absl::StrCat(user.version()), FormatTime(user.create_time()),
            Printable(FormatLabels(user))};
  }

  void ChooseWidths() {
    chosen_ = true;
    for (size_t i = 0; i < kColumns; ++i) {
      Column& column = columns_[i];
      column.width = DisplayWidth(column.title);
      for (const Row& row : first_page_) column.width = std::max(column.width, DisplayWidth(row[i]));
      column.width = std::min(column.width, column.max_width);
    }
    Row titles;
    for (size_t i = 0; i < kColumns; ++i) titles[i] = columns_[i].title;
    PrintRow(titles);
    for (const Row& row : first_page_) PrintRow(row);
    first_page_ = {};
  }

  void PrintRow(const Row& row) {
    std::string line;
    for (size_t i = 0; i < kColumns; ++i) {
      absl::StrAppend(&line, i == 0 ? "" : "  ", Fit(row[i], columns_[i].width, cut_ && columns_[i].may_be_cut));
    }
    out_ << absl::StripTrailingAsciiWhitespace(line) << '\n';
  }

  std::ostream& out_;
  const bool cut_;
  bool chosen_ = false;
  std::vector<Row> first_page_;
  std::array<Column, kColumns> columns_ = {{{"USER_ID", 36, false},
                                            {"EMAIL", 40, false},
                                            {"NAME", 30, true},
                                            {"STATUS", 8, false},
                                            {"VERSION", 8, false},
                                            {"CREATED", 20, false},
                                            {"LABELS", 40, true}}};
};

}  // namespace

std::unique_ptr<UserPrinter> MakeUserPrinter(OutputFormat format, std::ostream& out, bool out_is_terminal) {
  switch (format) {
    case OutputFormat::kJson:
      return std::make_unique<JsonPrinter>(out);
    case OutputFormat::kCsv:
      return std::make_unique<CsvPrinter>(out, out_is_terminal);
    case OutputFormat::kTable:
      break;
  }
  return std::make_unique<TablePrinter>(out, out_is_terminal);
}

}  // namespace roster::cli
