#include "bench/report.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace roster::bench {
namespace {

// One line of the report.
struct Row {
  std::string figure;
  double per_second = 0;
  // Absent where the figure has no ceiling.
  std::optional<Ceiling> ceiling;
  // Of each repeat, in order of size.
  std::vector<double> ratios;
  std::optional<double> p50_ms;
  std::optional<double> p99_ms;
};

// Takes the lower one of two middle values, so that each number in the report was measured.
double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

double Median(const std::vector<double>& values) { return Quantile(values, .5); }

std::optional<double> MedianOf(const std::vector<Rate>& rates, std::optional<double> Rate::* member) {
  std::vector<double> values;
  for (const Rate& rate : rates) {
    if (rate.*member) values.push_back(*(rate.*member));
  }
  if (values.empty()) return std::nullopt;
  return Median(values);
}

std::vector<Row> RowsOf(const Figure& figure) {
  Row row;
  row.figure = figure.name;
  std::vector<double> rates;
  for (const Rate& rate : figure.rates) rates.push_back(rate.per_second);
  row.per_second = Median(rates);
  row.p50_ms = MedianOf(figure.rates, &Rate::p50_ms);
  row.p99_ms = MedianOf(figure.rates, &Rate::p99_ms);
  if (figure.ceilings.empty()) return {row};
  std::vector<Row> rows;
  for (const Ceiling& ceiling : figure.ceilings) {
    row.ceiling = ceiling;
    row.ratios.clear();
    for (size_t i = 0; i < rates.size(); ++i) row.ratios.push_back(rates[i] / ceiling.per_second[i]);
    std::sort(row.ratios.begin(), row.ratios.end());
    rows.push_back(row);
  }
  return rows;
}

// "12,345"; a rate below 10 keeps a decimal.
std::string RateText(double per_second) {
  if (per_second < 10) return absl::StrFormat("%.1f", per_second);
  std::string text = absl::StrFormat("%.0f", per_second);
  for (int i = static_cast<int>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<size_t>(i), 1, ',');
  return text;
}

std::string MsText(const std::optional<double>& ms) { return ms ? absl::StrFormat("%.2f", *ms) : ""; }

// The cells of a row as text, in the order of kHead.
std::vector<std::string> Cells(const Row& row) {
  std::vector<std::string> cells = {row.figure,         RateText(row.per_second), "", "", "",
                                    MsText(row.p50_ms), MsText(row.p99_ms)};
  if (row.ceiling) {
    cells[2] = row.ceiling->name;
    cells[3] = RateText(Median(row.ceiling->per_second));
    cells[4] = absl::StrFormat("%.3f / %.3f / %.3f", row.ratios.front(), Median(row.ratios), row.ratios.back());
  }
  return cells;
}

const std::vector<std::string>& Head() {
  static const auto* const head = new std::vector<std::string>{
      "figure", "a second", "ceiling", "a second", "ratio min / median / max", "p50 ms", "p99 ms"};
  return *head;
}

bool IsNumber(size_t column) { return column == 1 || column == 3 || column == 5 || column == 6; }

std::string FormatTable(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines = {Head()};
  for (const Row& row : rows) lines.push_back(Cells(row));
  std::vector<size_t> widths(Head().size());
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string blanks(widths[i] - line[i].size(), ' ');
      absl::StrAppend(&text, i == 0 ? "" : "  ", IsNumber(i) ? blanks + line[i] : line[i] + blanks);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string FormatMarkdown(const std::vector<Row>& rows) {
  std::string text = absl::StrCat("| ", absl::StrJoin(Head(), " | "), " |\n|");
  for (size_t i = 0; i < Head().size(); ++i) absl::StrAppend(&text, IsNumber(i) ? "---:|" : "---|");
  text += '\n';
  for (const Row& row : rows) absl::StrAppend(&text, "| ", absl::StrJoin(Cells(row), " | "), " |\n");
  return text;
}

std::string FormatJson(const std::vector<Row>& rows) {
  std::vector<std::string> objects;
  for (const Row& row : rows) {
    std::string object = absl::StrFormat("{\"figure\":\"%s\",\"per_second\":%.1f", row.figure, row.per_second);
    if (row.ceiling) {
      absl::StrAppendFormat(
          &object,
          ",\"ceiling\":\"%s\",\"ceiling_per_second\":%.1f,\"ratio_min\":%.4f,\"ratio_median\":%.4f,\"ratio_max\":%.4f",
          row.ceiling->name, Median(row.ceiling->per_second), row.ratios.front(), Median(row.ratios),
          row.ratios.back());
    }
    if (row.p50_ms) absl::StrAppendFormat(&object, ",\"p50_ms\":%.4f", *row.p50_ms);
    if (row.p99_ms) absl::StrAppendFormat(&object, ",\"p99_ms\":%.4f", *row.p99_ms);
    objects.push_back(object + "}");
  }
  return absl::StrCat("[\n", absl::StrJoin(objects, ",\n"), "\n]\n");
}

}  // namespace

std::string FormatReport(const std::vector<Figure>& figures, const std::string& output) {
  std::vector<Row> rows;
  for (const Figure& figure : figures) {
    for (Row& row : RowsOf(figure)) rows.push_back(std::move(row));
  }
  if (output == "json") return FormatJson(rows);
  if (output == "markdown") return FormatMarkdown(rows);
  return FormatTable(rows);
}

}  // namespace roster::bench
