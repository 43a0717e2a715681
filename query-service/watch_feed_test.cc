#include "query-service/watch_feed.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "query-service/query_service_for_test.h"

namespace roster::query_service {
namespace {

// A feed on a read model with two partitions.
class WatchFeedTest : public testing::Test {
 protected:
  WatchFeedTest() {
    projector_.Commit([] {});
    projector_.MakeCurrent();
    start_ = {.position = projector_.position()};
  }

  // Changes `count` users.
  void Change(int count) {
    projector_.Commit([&] {
      for (int i = 0; i < count; ++i) projector_.Put(absl::StrCat("u", i), absl::StrCat("u", i, "@example.com"));
    });
  }
  WatchPlace Head() const { return {.position = projector_.position()}; }

  absl::StatusOr<WatchFeed::SharedBatch> TryRead(const WatchPlace& place) {
    absl::StatusOr<read_model::Snapshot> snapshot = reader_.Begin();
    if (!snapshot.ok()) return snapshot.status();
    return feed_.Read(*snapshot, place);
  }
  WatchFeed::SharedBatch Read(const WatchPlace& place) { return TryRead(place).value(); }

  TempDir dir_;
  TestProjector projector_{dir_.File("read-model"), 2};
  read_model::Reader reader_{read_model::Folder(dir_.File("read-model"))};
  WatchFeed feed_;
  WatchPlace start_;
};

TEST_F(WatchFeedTest, WatchesAtOnePlaceGetTheSameBatch) {
  Change(3);
  const auto read = Read(start_);
  EXPECT_EQ(read->batch.users, 3);
  EXPECT_EQ(read->batch.end, Head());
  EXPECT_EQ(feed_.Find(start_, 0), read);
  EXPECT_EQ(feed_.Find(start_, read->number), read);
  EXPECT_EQ(feed_.Find(Head(), 0), nullptr);
  WatchPlace other_log = start_;
  other_log.position.log_id = "0190a000-0000-7000-8000-000000000002";
  EXPECT_EQ(feed_.Find(other_log, 0), nullptr);
  WatchPlace after_redrive = start_;
  after_redrive.older_applied_at_us = 1;
  EXPECT_EQ(feed_.Find(after_redrive, 0), nullptr);
}

// Who was sent something read later, a listing for instance, would be sent an older state after a newer one.
TEST_F(WatchFeedTest, BatchReadTooEarlyIsNotGiven) {
  Change(3);
  const auto read = Read(start_);
  Change(3);
  Read({.position = start_.position, .listing = true});
  EXPECT_EQ(feed_.Find(start_, feed_.last_number()), nullptr);
  const auto again = Read(start_);
  EXPECT_GT(again->number, read->number);
  EXPECT_EQ(feed_.Find(start_, again->number), again);
}

TEST_F(WatchFeedTest, ReadFromBehindEndsWhereTheOthersAre) {
  Change(2);
  const WatchPlace middle = Head();
  Change(4);
  const WatchPlace others = Head();
  Read(middle);
  Change(6);
  EXPECT_TRUE(feed_.IsBehind(start_));
  EXPECT_FALSE(feed_.IsBehind(others));
  const auto caught_up = Read(start_);
  EXPECT_EQ(caught_up->batch.end, others);
  EXPECT_FALSE(caught_up->batch.more);
  // The others lead on, to the snapshot's end.
  EXPECT_EQ(Read(others)->batch.end, Head());
  EXPECT_TRUE(feed_.IsBehind(others));
}

// Else a watch would wait for the next change, with one there that it has not seen.
TEST_F(WatchFeedTest, ReadGoesBeyondTheOthersWhereNobodyChangedUpToThem) {
  Change(1);
  const WatchPlace before = Head();
  projector_.Commit([&] { projector_.PutDeadLetter("x"); });
  EXPECT_EQ(Read(start_)->batch.end, Head());
  EXPECT_TRUE(feed_.IsBehind(before));
  Change(3);
  const auto read = Read(before);
  EXPECT_EQ(read->batch.users, 3);
  EXPECT_EQ(read->batch.end, Head());
}

TEST_F(WatchFeedTest, PlaceOfAnotherTimeOrLogLeadsNobody) {
  Change(2);
  Read(start_);
  projector_.Commit([&] { ASSERT_TRUE(projector_.writer().MoveChangesHorizonToPosition().ok()); });
  // What was read may still be sent; the read after it says that something older was applied.
  EXPECT_NE(feed_.Find(start_, 0), nullptr);
  EXPECT_EQ(TryRead(Head()).status().code(), absl::StatusCode::kOutOfRange);
  const int64_t redriven = reader_.Begin()->head().older_applied_at_us;
  const WatchPlace listed = {.position = projector_.position(), .older_applied_at_us = redriven};
  EXPECT_FALSE(feed_.IsBehind({.position = start_.position, .older_applied_at_us = redriven}));
  Change(1);
  EXPECT_EQ(Read(listed)->batch.users, 1);
  EXPECT_TRUE(feed_.IsBehind(listed));
}

TEST_F(WatchFeedTest, KeepsTheBatchesUsedLast) {
  std::vector<WatchPlace> places = {start_};
  for (size_t i = 0; i < WatchFeed::kMaxBatches; ++i) {
    Change(1);
    Read(places.back());
    places.push_back(Head());
  }
  EXPECT_NE(feed_.Find(places[0], 0), nullptr);
  Change(1);
  Read(places.back());
  EXPECT_NE(feed_.Find(places[0], 0), nullptr);
  EXPECT_EQ(feed_.Find(places[1], 0), nullptr);
  EXPECT_NE(feed_.Find(places[2], 0), nullptr);
}

TEST_F(WatchFeedTest, NothingIsSharedWhereNothingWasRead) {
  const auto read = Read(start_);
  EXPECT_EQ(read->batch.users, 0);
  EXPECT_EQ(read->batch.end, start_);
  EXPECT_EQ(feed_.Find(start_, 0), nullptr);
}

}  // namespace
}  // namespace roster::query_service
