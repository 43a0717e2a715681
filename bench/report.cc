#include "bench/report.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/progress_bar.h"

namespace roster::bench {
namespace {

// One line of the report.
struct Row {
  std::string figure;
  Unit unit = Unit::kPerSecond;
  std::vector<double> values;
  // Absent where the figure has no ceiling.
  std::optional<std::string> ceiling;
  std::vector<double> ceiling_values;
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

std::optional<double> MedianOf(const std::vector<Sample>& samples, std::optional<double> Sample::* member) {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    if (sample.*member) values.push_back(*(sample.*member));
  }
  if (values.empty()) return std::nullopt;
  return Median(values);
}

std::vector<double> ValuesOf(const std::vector<Sample>& samples) {
  std::vector<double> values;
  for (const Sample& sample : samples) values.push_back(sample.value);
  return values;
}

std::vector<Row> RowsOf(const Figure& figure) {
  Row row;
  row.figure = figure.name;
  row.unit = figure.unit;
  row.values = ValuesOf(figure.samples);
  row.p50_ms = MedianOf(figure.samples, &Sample::p50_ms);
  row.p99_ms = MedianOf(figure.samples, &Sample::p99_ms);
  if (figure.ceilings.empty()) return {row};
  std::vector<Row> rows;
  for (const Ceiling& ceiling : figure.ceilings) {
    row.ceiling = ceiling.name;
    row.ceiling_values = ValuesOf(ceiling.samples);
    row.ratios.clear();
    for (size_t i = 0; i < row.values.size(); ++i) row.ratios.push_back(row.values[i] / row.ceiling_values[i]);
    std::sort(row.ratios.begin(), row.ratios.end());
    rows.push_back(row);
  }
  return rows;
}

const char* UnitText(Unit unit) {
  switch (unit) {
    case Unit::kPerSecond:
      return "/s";
    case Unit::kMilliseconds:
      return "ms";
    case Unit::kSeconds:
      return "s";
    case Unit::kMebibytes:
      return "MiB";
    case Unit::kCorePercent:
      return "% of a core";
  }
  return "";
}

// "12,345 /s", "0.39 ms": what is below 10 keeps two decimals, what is below 100 one.
std::string ValueText(double value, Unit unit) {
  const std::string text =
      value < 100 ? absl::StrFormat("%.*f", value < 10 ? 2 : 1, value) : WithThousands(std::llrint(value));
  return absl::StrCat(text, " ", UnitText(unit));
}

std::string MsText(const std::optional<double>& ms) { return ms ? absl::StrFormat("%.2f", *ms) : ""; }

// The cells of a row as text, in the order of Head.
std::vector<std::string> Cells(const Row& row) {
  std::vector<std::string> cells = {
      row.figure, ValueText(Median(row.values), row.unit), "", "", "", MsText(row.p50_ms), MsText(row.p99_ms)};
  if (row.ceiling) {
    cells[2] = *row.ceiling;
    cells[3] = ValueText(Median(row.ceiling_values), row.unit);
    cells[4] = absl::StrFormat("%.3f / %.3f / %.3f", row.ratios.front(), Median(row.ratios), row.ratios.back());
  }
  return cells;
}

const std::vector<std::string>& Head() {
  static const auto* const head = new std::vector<std::string>{
      "figure", "measured", "ceiling", "measured", "ratio min / median / max", "p50 ms", "p99 ms"};
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

std::string JsonNumbers(const std::vector<double>& values) {
  return absl::StrCat(
      "[",
      absl::StrJoin(values, ",", [](std::string* out, double value) { absl::StrAppendFormat(out, "%.4f", value); }),
      "]");
}

// Names hold no character that JSON would escape.
std::string FormatJson(const std::vector<Row>& rows, const Settings& settings) {
  std::vector<std::string> objects;
  for (const Row& row : rows) {
    std::string object = absl::StrFormat("{\"figure\":\"%s\",\"unit\":\"%s\",\"value\":%.4f,\"values\":%s", row.figure,
                                         UnitText(row.unit), Median(row.values), JsonNumbers(row.values));
    if (row.ceiling) {
      absl::StrAppendFormat(&object,
                            ",\"ceiling\":\"%s\",\"ceiling_value\":%.4f,\"ceiling_values\":%s,"
                            "\"ratio_min\":%.4f,\"ratio_median\":%.4f,\"ratio_max\":%.4f",
                            *row.ceiling, Median(row.ceiling_values), JsonNumbers(row.ceiling_values),
                            row.ratios.front(), Median(row.ratios), row.ratios.back());
    }
    if (row.p50_ms) absl::StrAppendFormat(&object, ",\"p50_ms\":%.4f", *row.p50_ms);
    if (row.p99_ms) absl::StrAppendFormat(&object, ",\"p99_ms\":%.4f", *row.p99_ms);
    objects.push_back(object + "}");
  }
  return absl::StrFormat(
      "{\"log\":\"%s\",\"users\":%d,\"seconds\":%g,\"repeats\":%d,\"processors\":%d,\"figures\":[\n%s\n]}\n",
      settings.log, settings.users, settings.seconds, settings.repeats, std::thread::hardware_concurrency(),
      absl::StrJoin(objects, ",\n"));
}

}  // namespace

std::string FormatReport(const std::vector<Figure>& figures, const Settings& settings) {
  std::vector<Row> rows;
  for (const Figure& figure : figures) {
    for (Row& row : RowsOf(figure)) rows.push_back(std::move(row));
  }
  if (settings.output == "json") return FormatJson(rows, settings);
  return FormatTable(rows);
}

}  // namespace roster::bench
