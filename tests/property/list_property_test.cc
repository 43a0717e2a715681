// Lists, with any filter and order, page by page through page tokens, against a sorted vector.
#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "query-service/list_page_token.h"
#include "read-model/reader.h"
#include "tests/property/random_users.h"
#include "tests/property/rounds.h"

namespace roster::query_service {
namespace {

using read_model::UserOrder;
using read_model::UserScan;
using test::Random;

constexpr int kRounds = 12;
constexpr int kUsers = 150;
constexpr int kScans = 25;
// Each looks at one user at least.
constexpr int kMaxPages = 4 * kUsers;
constexpr int64_t kFirstCreated = 1'700'000'000;

bool IsByEmail(const UserScan& scan) {
  return scan.order == UserOrder::kEmail || scan.order == UserOrder::kEmailDescending;
}

bool IsDescending(const UserScan& scan) { return static_cast<int>(scan.order) % 2 == 1; }

// By bytes, as the API has it; of a deleted user there is none.
std::string EmailKeyOf(const v1::User& user) {
  return user.status() == v1::USER_STATUS_DELETED ? "" : absl::AsciiStrToLower(user.email());
}

int64_t CreatedUs(const v1::User& user) { return user.create_time().seconds() * 1'000'000; }

bool Matches(const UserScan& scan, const v1::User& user) {
  const bool deleted = user.status() == v1::USER_STATUS_DELETED;
  if (!scan.statuses.Has(user.status())) return false;
  if (deleted && (IsByEmail(scan) || !scan.email_prefix.empty())) return false;
  if (!absl::StartsWith(EmailKeyOf(user), scan.email_prefix)) return false;
  return CreatedUs(user) >= scan.created_from_us && CreatedUs(user) < scan.created_before_us;
}

std::tuple<int64_t, std::string, std::string> KeyOf(const UserScan& scan, const v1::User& user) {
  const bool by_time = scan.order == UserOrder::kCreateTime || scan.order == UserOrder::kCreateTimeDescending;
  return {by_time ? CreatedUs(user) : 0, IsByEmail(scan) ? EmailKeyOf(user) : "", user.user_id()};
}

std::vector<std::string> Expected(const UserScan& scan, const std::map<std::string, v1::User>& users) {
  std::vector<v1::User> matching;
  for (const auto& [user_id, user] : users) {
    if (Matches(scan, user)) matching.push_back(user);
  }
  std::sort(matching.begin(), matching.end(),
            [&](const v1::User& a, const v1::User& b) { return KeyOf(scan, a) < KeyOf(scan, b); });
  if (IsDescending(scan)) std::reverse(matching.begin(), matching.end());
  std::vector<std::string> ids;
  for (const v1::User& user : matching) ids.push_back(user.user_id());
  return ids;
}

UserScan SomeScan(Random& random) {
  static const std::vector<std::string> kPrefixes = {"a", "ab", "abu1", "b", "z", "\xc3", "\xf4", "nobody"};
  UserScan scan{.order = static_cast<UserOrder>(random.Below(6))};
  for (const int status : {v1::USER_STATUS_ACTIVE, v1::USER_STATUS_INACTIVE, v1::USER_STATUS_DELETED}) {
    if (random.OneIn(2)) scan.statuses.Add(status);
  }
  if (scan.statuses.empty()) scan.statuses.Add(v1::USER_STATUS_ACTIVE);
  if (random.OneIn(2)) scan.email_prefix = random.Of(kPrefixes);
  if (random.OneIn(3)) scan.created_from_us = (kFirstCreated + random.Below(22)) * 1'000'000;
  if (random.OneIn(3)) scan.created_before_us = (kFirstCreated + random.Below(22)) * 1'000'000;
  return scan;
}

// Lists from a read model page by page; `between` may change it before each page but the first.
std::vector<std::string> List(read_model::Reader& reader, UserScan scan, Random& random,
                              absl::FunctionRef<void()> between) {
  std::vector<std::string> ids;
  std::string token;
  for (int page = 0; page < kMaxPages; ++page) {
    if (page > 0) between();
    std::optional<read_model::UserKey> from;
    if (!token.empty()) from = DecodePageToken(scan, token).value().next;
    read_model::Snapshot snapshot = reader.Begin().value();
    int left = 1 + random.Below(20);
    scan.with_user_ids = random.Below(2) == 0;
    const auto visit = [&](const read_model::UserRow& row) {
      if (left-- == 0) return false;
      v1::User user;
      EXPECT_TRUE(user.ParseFromArray(row.user.data(), static_cast<int>(row.user.size())));
      if (scan.with_user_ids) {
        EXPECT_EQ(row.user_id, user.user_id());
      }
      EXPECT_TRUE(Matches(scan, user)) << user.ShortDebugString();
      ids.push_back(user.user_id());
      return true;
    };
    const auto next = snapshot.ScanUsers(scan, from, 1 + random.Below(40), visit).value();
    if (!next) return ids;
    token = EncodePageToken(scan, {.position = snapshot.head().position, .next = *next});
  }
  ADD_FAILURE() << "a list without end";
  return ids;
}

std::vector<std::string> Without(const std::vector<std::string>& ids, const std::set<std::string>& left_out) {
  std::vector<std::string> result;
  for (const std::string& id : ids) {
    if (left_out.count(id) == 0) result.push_back(id);
  }
  return result;
}

void RunRound(Random& random) {
  const TempDir dir;
  TestProjector projector(dir.File("read-model"), 1 + random.Below(3));
  projector.Commit([&] {
    for (int events = random.Below(3 * kUsers); events > 0; --events) test::PutSome(projector, random, kUsers);
  });
  projector.MakeCurrent();
  read_model::Reader reader{read_model::Folder(dir.File("read-model"))};
  for (int i = 0; i < kScans; ++i) {
    const UserScan scan = SomeScan(random);
    EXPECT_EQ(List(reader, scan, random, [] {}), Expected(scan, projector.users()));
    // While users come and change, whoever stays as they were is listed once, in order.
    const std::vector<std::string> before = Expected(scan, projector.users());
    std::set<std::string> changed;
    const std::vector<std::string> listed = List(reader, scan, random, [&] {
      if (changed.size() > 30) return;
      projector.Commit([&] { changed.insert(test::PutSome(projector, random, kUsers)); });
    });
    EXPECT_EQ(Without(listed, changed), Without(before, changed));
  }
}

TEST(ListProperty, PagesAreASortedVectorCutInPieces) { test::ForEachSeed(kRounds, RunRound); }

}  // namespace
}  // namespace roster::query_service
