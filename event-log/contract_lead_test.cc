// Who may write, of several that could, and how they take turns.
#include <atomic>
#include <string>
#include <vector>

#include "base/eventually.h"
#include "event-log/contract_suite.h"
#include "gmock/gmock.h"

namespace roster::event_log {

using testing::SizeIs;

TEST_P(LogContract, SecondLeadNeverLetsTwoWrite) {
  auto first = LeadOf(*log_);
  MustAppend(*first, NumberedRecords(0, 5, 5));
  auto another = OpenAnother();
  auto second = another->Lead([] { return true; });
  if (!GetParam().second_lead_fences) {
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
    EXPECT_THAT(MustAppend(*first, NumberedRecords(5, 5, 5)), SizeIs(5));
    EXPECT_TRUE(first->ProveLead([] {}).ok());
    return;
  }
  ASSERT_TRUE(second.ok()) << second.status();
  const auto fenced = first->Append(NumberedRecords(100, 5, 5), [] {});
  EXPECT_EQ(fenced.status().code(), absl::StatusCode::kAborted) << fenced.status();
  MustAppend(**second, NumberedRecords(5, 5, 5));
  std::vector<int> values;
  for (const ReadRecord& record : ReadAll(*another)) values.push_back(std::stoi(*record.value));
  EXPECT_THAT(values, testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_P(LogContract, DeposedLeaderCannotProveItsLead) {
  auto first = LeadOf(*log_);
  EXPECT_TRUE(first->ProveLead([] {}).ok());
  auto another = OpenAnother();
  auto second = another->Lead([] { return true; });
  if (!GetParam().second_lead_fences) {
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
    return;
  }
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->ProveLead([] {}).code(), absl::StatusCode::kAborted);
  EXPECT_TRUE((*second)->ProveLead([] {}).ok());
}

TEST_P(LogContract, LeadPassesOnOnceItsHolderGoes) {
  for (int i = 0; i < 3; ++i) {
    auto log = OpenAnother();
    MustAppend(*LeadOf(*log), NumberedRecords(i, 1, 1));
  }
  EXPECT_THAT(ReadAll(*log_), SizeIs(3));
}

TEST_P(LogContract, OnlyCandidateIsElected) {
  auto candidacy = log_->Stand({.address = "a:1"}, [] { return true; });
  ASSERT_TRUE(candidacy.ok()) << candidacy.status();
  ASSERT_TRUE(Eventually([&] { return (*candidacy)->Elected(); }, kPatience));
  EXPECT_TRUE((*candidacy)->Problem().ok());
  auto appender = (*candidacy)->Lead([] { return true; });
  ASSERT_TRUE(appender.ok()) << appender.status();
  MustAppend(**appender, NumberedRecords(0, 5, 5));
  EXPECT_EQ((*candidacy)->Leader(), "");
  EXPECT_THAT(ReadAll(*log_), SizeIs(5));
}

TEST_P(LogContract, LeadPassesOnWhenTheElectedCandidateWithdraws) {
  std::atomic<int> changes = 0;
  auto first = log_->Stand({.address = "a:1"}, [] { return true; });
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Eventually([&] { return (*first)->Elected(); }, kPatience));
  auto first_appender = (*first)->Lead([] { return true; });
  ASSERT_TRUE(first_appender.ok()) << first_appender.status();

  auto another = OpenAnother();
  auto second = another->Stand({.address = "b:1", .on_change = [&] { ++changes; }}, [] { return true; });
  ASSERT_TRUE(second.ok()) << second.status();
  const absl::Status too_early = (*second)->Lead([] { return true; }).status();
  EXPECT_TRUE(absl::IsAborted(too_early) || absl::IsFailedPrecondition(too_early)) << too_early;
  if (GetParam().second_lead_fences) {
    EXPECT_TRUE(Eventually([&] { return (*second)->Leader() == "a:1"; }, kPatience));
    EXPECT_FALSE((*second)->Elected());
    EXPECT_TRUE((*first)->Elected());
  }
  MustAppend(**first_appender, NumberedRecords(0, 5, 5));

  first->reset();
  // By a lock the lead is held for as long as the appender is.
  if (!GetParam().second_lead_fences) first_appender->reset();
  ASSERT_TRUE(Eventually([&] { return (*second)->Elected(); }, kPatience));
  // It is told a moment later.
  EXPECT_TRUE(Eventually([&] { return (changes > 0) == GetParam().second_lead_fences; }, kPatience));
  auto second_appender = (*second)->Lead([] { return true; });
  ASSERT_TRUE(second_appender.ok()) << second_appender.status();
  MustAppend(**second_appender, NumberedRecords(5, 5, 5));
  if (*first_appender != nullptr) {
    EXPECT_TRUE(absl::IsAborted((*first_appender)->ProveLead([] {})));
  }
  EXPECT_THAT(ReadAll(*log_), SizeIs(10));
}

}  // namespace roster::event_log
