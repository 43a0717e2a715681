// Bytes that earlier versions of Roster have written must be read for ever. The files of golden/ are never changed,
// only added to: make a new one with protoc --encode.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "user-event/sort_record.h"

namespace roster::user_event {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Each NAME.binpb stands beside NAME.txtpb, which says in text what it must be read as.
TEST(GoldenTest, YesterdaysEventsAreReadAsTheyWere) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ROSTER_GOLDEN_DIR)) {
    if (entry.path().extension() != ".binpb") continue;
    ++files;
    const std::string value = ReadFile(entry.path());
    v1::UserEvent expected;
    std::filesystem::path text = entry.path();
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(ReadFile(text.replace_extension(".txtpb")), &expected))
        << text;
    const std::string key = expected.user_id();
    const SortedRecord sorted = SortRecord({.key = absl::string_view(key), .value = absl::string_view(value)});
    ASSERT_TRUE(std::holds_alternative<v1::UserEvent>(sorted)) << entry.path();
    v1::UserEvent read = std::get<v1::UserEvent>(sorted);
    // Files of newer writers hold fields that the text cannot name; they must survive, and only they may differ.
    if (entry.path().stem().string().starts_with("newer-")) {
      EXPECT_EQ(read.ByteSizeLong(), value.size()) << entry.path();
      read.DiscardUnknownFields();
    }
    EXPECT_EQ(read.DebugString(), expected.DebugString()) << entry.path();
  }
  EXPECT_GE(files, 5);
}

}  // namespace
}  // namespace roster::user_event
