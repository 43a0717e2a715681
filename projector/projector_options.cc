#include "projector/projector_options.h"

#include "absl/strings/str_cat.h"

namespace roster::projector {
namespace {

// A flag that holds a whole number of `unit`s in a duration.
void AddDuration(CLI::App& app, const std::string& flag, absl::Duration& duration, absl::Duration unit, int max,
                 const std::string& help) {
  absl::Duration rest;
  app.add_option_function<int>(
         flag, [&duration, unit](const int& value) { duration = value * unit; }, help)
      ->default_str(absl::StrCat(absl::IDivDuration(duration, unit, &rest)))
      ->check(CLI::Range(1, max));
}

}  // namespace

void DeclareProjectorOptions(CLI::App& app, ProjectorOptions& options) {
  event_log::DeclareLogOptions(app, options.log);
  metrics::DeclareMetricsOptions(app, options.metrics);
  if (options.log.kafka_group.empty()) options.log.kafka_group = "roster-projector";
  app.add_option("--kafka-group", options.log.kafka_group,
                 "Consumer group that progress is reported to, for lag tools; give each replica its own. Empty: none")
      ->capture_default_str();
  app.add_option("--read-model", options.read_model, "Folder of the read model; the query service names the same")
      ->capture_default_str();
  FoldOptions& fold = options.fold;
  app.add_option(
         "--batch-records", fold.batch_records,
         "Records a transaction at most; more folds a long log faster, and lets operators' commands wait longer")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--batch-bytes", fold.batch_bytes, "Bytes a transaction at most; less where memory is short")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 30));
  AddDuration(
      app, "--batch-ms", fold.batch_time, absl::Milliseconds(1), 60'000,
      "Milliseconds a transaction at most, while the projector is far behind; near the log's end it takes much less");
  AddDuration(
      app, "--fresh-interval-ms", fold.fresh_interval, absl::Milliseconds(1), 3'600'000,
      "Milliseconds between refreshes of fresh_as_of when nothing comes; less where readers want a younger one");
  AddDuration(app, "--changes-retention-hours", fold.changes_retention, absl::Hours(1), 10 * 366 * 24,
              "Hours that changes are kept for watches to resume from; more where clients are away for longer");
  AddDuration(
      app, "--retry-max-ms", fold.retry_max, absl::Milliseconds(1), 600'000,
      "Milliseconds at most between attempts when the disk or the log fails; more to spare a struggling broker");
}

std::string TopicOf(const event_log::LogOptions& options) {
  const event_log::LogName log = event_log::NameOfLog(options);
  return log.system == "kafka" ? log.name : "";
}

}  // namespace roster::projector
