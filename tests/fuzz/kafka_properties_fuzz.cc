// Kafka settings, from flags, the environment and a file: nothing that is refused gets in, no error shows a value, and
// what was read is read the same when it is written down again.
#include "event-log/kafka/kafka_properties.h"

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/temp_dir.h"
#include "tests/fuzz/fuzz.h"

namespace roster::event_log::kafka {
namespace {

constexpr char kSecret[] = "s3cret";

const std::string& FileWith(absl::string_view text) {
  static const TempDir dir;
  static const std::string path = dir.File("properties");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  return path;
}

void CheckAllowed(const KafkaProperties& properties) {
  for (const auto& [name, value] : properties) {
    FUZZ_CHECK(!name.empty());
    FUZZ_CHECK(CheckPropertyAllowed(name).ok());
  }
}

}  // namespace

ROSTER_FUZZER(kafka_properties) {
  // "name.file=PATH" would read whatever file there is on this machine.
  const std::string lower = absl::AsciiStrToLower(input);
  if (absl::StrContains(lower, ".file") || absl::StrContains(lower, "_file")) return;
  const std::vector<std::string> lines = absl::StrSplit(input, '\n');
  const auto of_file = ReadKafkaProperties({}, {}, FileWith(input));
  if (of_file.ok()) {
    CheckAllowed(*of_file);
    std::string again;
    for (const auto& [name, value] : *of_file) absl::StrAppend(&again, name, " = ", value, "\r\n");
    FUZZ_CHECK(ReadKafkaProperties({}, {}, FileWith(again)).value() == *of_file);
  }
  const auto of_flags = ReadKafkaProperties(lines, {}, "");
  if (of_flags.ok()) CheckAllowed(*of_flags);
  // A name is all before the first '='; whatever else is wrong, no error repeats what stands behind it.
  for (const std::string& line : lines) {
    const std::string variable = absl::StrCat("ROSTER_KAFKA_PROPERTY_", line);
    const auto of_environment = ReadKafkaProperties({}, {variable}, "");
    if (of_environment.ok()) CheckAllowed(*of_environment);
    if (absl::StrContains(line, kSecret)) continue;
    const auto with_secret = ReadKafkaProperties({absl::StrCat(line, "=", kSecret), kSecret}, {}, "");
    FUZZ_CHECK(!with_secret.ok());
    FUZZ_CHECK(!absl::StrContains(with_secret.status().message(), kSecret));
    const auto in_environment = ReadKafkaProperties({}, {absl::StrCat(variable, "=", kSecret)}, "");
    FUZZ_CHECK(in_environment.ok() || !absl::StrContains(in_environment.status().message(), kSecret));
  }
}

}  // namespace roster::event_log::kafka
