// The read model made anew beside live traffic: no read fails, tokens, pages and watches stay valid, and a rebuild that
// is killed at any moment leaves what was there.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "clients/cpp/import_users.h"
#include "gmock/gmock.h"
#include "read-model/folder.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"
#include "tests/support/load.h"

namespace roster::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kUsersDiffer = 3;

// A watch that is open all the time, and what it has heard last of each user.
class OpenWatch {
 public:
  OpenWatch(v1::UserQueryService::Stub& queries, const std::string& resume_token) {
    v1::WatchUsersRequest request;
    request.set_resume_token(resume_token);
    stream_ = queries.WatchUsers(&context_, request);
    thread_ = std::thread([this] {
      for (v1::WatchUsersResponse message; stream_->Read(&message);) {
        absl::MutexLock lock(&mutex_);
        if (first_token_.empty()) first_token_ = message.resume_token();
        for (const v1::User& user : message.users()) users_[user.user_id()] = user;
      }
      const grpc::Status status = stream_->Finish();
      absl::MutexLock lock(&mutex_);
      if (!cancelled_) error_ = absl::StrCat("the watch ended: ", status.error_message());
    });
  }
  ~OpenWatch() {
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
    }
    context_.TryCancel();
    thread_.join();
  }

  std::map<std::string, v1::User> users() {
    absl::MutexLock lock(&mutex_);
    return users_;
  }
  std::string first_token() {
    absl::MutexLock lock(&mutex_);
    return first_token_;
  }
  std::string error() {
    absl::MutexLock lock(&mutex_);
    return error_;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchUsersResponse>> stream_;
  absl::Mutex mutex_;
  std::map<std::string, v1::User> users_ ABSL_GUARDED_BY(mutex_);
  std::string first_token_ ABSL_GUARDED_BY(mutex_);
  std::string error_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

class RebuildTest : public EndToEndTest {
 protected:
  // Readers who note every read that fails, until they are stopped.
  class Readers {
   public:
    explicit Readers(RebuildTest& test) : test_(test) {
      threads_.emplace_back([this] { Run([this] { ReadOwnWrite(); }); });
      threads_.emplace_back([this] { Run([this] { ListPageByPage(); }); });
      threads_.emplace_back([this] { Run([this] { GetByEmail(); }); });
    }
    ~Readers() { Stop(); }
    void Stop() {
      stop_ = true;
      for (std::thread& thread : threads_) thread.join();
      threads_.clear();
    }
    int64_t reads() const { return reads_; }
    std::vector<std::string> failures() {
      absl::MutexLock lock(&mutex_);
      return failures_;
    }

   private:
    template <typename Step>
    void Run(Step step) {
      while (!stop_) step();
    }
    void Note(const char* what, const grpc::Status& status) {
      ++reads_;
      if (status.ok()) return;
      absl::MutexLock lock(&mutex_);
      failures_.push_back(absl::StrCat(what, ": ", ReasonOf(status), " ", status.error_message()));
    }
    void ReadOwnWrite() {
      v1::SignUpUserResponse signed_up;
      const std::string email = absl::StrCat("reader", ++written_, "@example.com");
      if (!test_.SignUp(email, signed_up).ok()) return;
      Context context;
      v1::GetUserRequest get;
      v1::GetUserResponse got;
      get.set_user_id(signed_up.user().user_id());
      get.set_read_after(signed_up.consistency_token());
      Note("a read after its write", test_.queries_->GetUser(&context, get, &got));
    }
    void GetByEmail() {
      Context context;
      v1::GetUserRequest get;
      v1::GetUserResponse got;
      get.set_email("loaded1@example.com");
      Note("a read by e-mail", test_.queries_->GetUser(&context, get, &got));
    }
    // Each page in a call of its own, by the token of the one before; nobody comes twice.
    void ListPageByPage() {
      std::set<std::string> seen;
      v1::ListUsersRequest request;
      request.set_limit(500);
      do {
        Context context;
        auto stream = test_.queries_->ListUsers(&context, request);
        request.clear_page_token();
        for (v1::ListUsersResponse page; stream->Read(&page);) {
          request.set_page_token(page.next_page_token());
          for (const v1::User& user : page.users()) {
            if (!seen.insert(user.user_id()).second) Note("a page", {grpc::StatusCode::UNKNOWN, "a user came twice"});
          }
        }
        Note("a page", stream->Finish());
      } while (!request.page_token().empty() && !stop_);
    }

    RebuildTest& test_;
    std::atomic<bool> stop_ = false;
    std::atomic<int64_t> reads_ = 0;
    int written_ = 0;
    absl::Mutex mutex_;
    std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
    std::vector<std::thread> threads_;
  };

  void ImportUsers(int count) {
    client::Endpoints endpoints("command service", {processes_.command_address()}, grpc::InsecureChannelCredentials());
    int next = 0;
    const auto batch = [&]() -> absl::StatusOr<std::optional<client::ImportBatch>> {
      if (next == count) return std::nullopt;
      client::ImportBatch rows;
      for (int i = 0; i < 500 && next < count; ++i, ++next) {
        v1::SignUpUserRequest& row = *rows.request.add_rows();
        row.set_email(absl::StrCat("loaded", next, "@example.com"));
        row.set_request_id(absl::StrCat("load-", next));
        rows.row_numbers.push_back(next);
      }
      return rows;
    };
    ASSERT_TRUE(client::ImportUsers(endpoints, {}, batch, [](const auto&, const auto&) {}).ok());
  }

  std::string TokenOfNow() {
    v1::SignUpUserResponse response;
    EXPECT_TRUE(SignUp(absl::StrCat("last-", ++tokens_, "@example.com"), response).ok());
    return response.consistency_token();
  }

  std::map<std::string, v1::User> FoldLog() { return FoldUsers(ReadEvents(*processes_.OpenLog())); }

  void ExpectReadModelEqualsTheLog() {
    const std::string token = TokenOfNow();
    ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.projector().Log();
    EXPECT_EQ(CompareUsers(ListAll(token), FoldLog()), std::vector<std::string>())
        << processes_.RunProjectorCommand({"status"}).output << processes_.projector().Log()
        << processes_.query_service().Log();
  }

  read_model::Folder folder() const { return read_model::Folder(processes_.read_model()); }
  int64_t Current() const { return folder().CurrentGeneration().value().value_or(0); }
  void Execute(const std::string& sql) {
    SQLite::Database(folder().DatabasePath(Current()), SQLite::OPEN_READWRITE, 10'000).exec(sql);
  }
  std::set<std::string> Databases() {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(processes_.read_model())) {
      if (entry.path().extension() == ".db") found.insert(entry.path().filename());
    }
    return found;
  }
  // From here on commands ask it, and none takes its place.
  void RestartProjector() {
    processes_.StartProjector();
    ASSERT_TRUE(processes_.projector().WaitForLogField("folding", "log").ok()) << processes_.projector().Log();
  }
  void StopProjector() {
    processes_.projector().Signal(SIGTERM);
    EXPECT_EQ(processes_.projector().Wait(), 0);
  }

  int tokens_ = 0;
};

TEST_P(RebuildTest, UnderLoadNoReadFailsAndTokensPagesAndWatchesStayValid) {
  StartAll();
  OpenWatch watch(*queries_, "");
  ImportUsers(5000);
  History history;
  std::string early_token;
  {
    Load load({processes_.command_address()}, 4, history);
    Readers readers(*this);
    for (int rebuild = 0; rebuild < 6; ++rebuild) {
      const int64_t reads = readers.reads();
      ASSERT_TRUE(Eventually([&] { return readers.reads() > reads + 50 || !readers.failures().empty(); }));
      const CommandResult result = processes_.RunProjectorCommand({"rebuild"});
      ASSERT_EQ(result.exit_code, 0) << result.output;
      EXPECT_THAT(result.output, HasSubstr(" 0 differ"));
      EXPECT_THAT(result.output, HasSubstr("is live now"));
      const CommandResult verified = processes_.RunProjectorCommand({"verify"});
      EXPECT_EQ(verified.exit_code, 0) << verified.output;
    }
    load.Stop();
    readers.Stop();
    EXPECT_EQ(readers.failures(), std::vector<std::string>());
    EXPECT_GT(readers.reads(), 300);
  }
  EXPECT_EQ(Current(), 7);
  const std::vector<LoggedEvent> events = ReadEvents(*processes_.OpenLog());
  EXPECT_EQ(CheckLog(events, history), std::vector<std::string>());
  ExpectReadModelEqualsTheLog();
  // The watch was open all the time, and has heard of every last state, deletions included.
  const std::map<std::string, v1::User> users = FoldLog();
  EXPECT_TRUE(Eventually([&] { return CompareUsers(watch.users(), users).empty() || !watch.error().empty(); }));
  EXPECT_EQ(CompareUsers(watch.users(), users), std::vector<std::string>());
  EXPECT_EQ(watch.error(), "");
  // A token from before the first rebuild still leads to them.
  OpenWatch resumed(*queries_, watch.first_token());
  EXPECT_TRUE(Eventually([&] { return resumed.users().size() + 1 >= users.size() || !resumed.error().empty(); }));
  EXPECT_EQ(resumed.error(), "");
}

TEST_P(RebuildTest, KilledInAnyPhaseLeavesTheReadModelAsItWas) {
  StartAll();
  ImportUsers(20'000);
  ExpectReadModelEqualsTheLog();
  int attempt = 0;
  for (const std::string phase : {"folding", "indexing", "comparing", "switching", "result"}) {
    const std::string log = processes_.File(absl::StrCat("rebuild-", ++attempt));
    const int64_t before = Current();
    const auto rebuild = Process::Start({ProgramPath("roster-projector"), processes_.log_flag(),
                                         "--read-model=" + processes_.read_model(), "rebuild", "--output", "json"},
                                        log);
    const auto printed = [&] {
      std::ifstream file(log + ".out");
      std::stringstream text;
      text << file.rdbuf();
      return text.str();
    };
    ASSERT_TRUE(Eventually([&] { return absl::StrContains(printed(), phase); })) << printed();
    processes_.projector().Kill();
    const int exit_code = rebuild->Wait();
    // A kill may come too late to prevent the switch; then the caller may know of it, or not.
    EXPECT_GE(Current(), before);
    EXPECT_LE(Current(), before + 1);
    if (exit_code == 0) {
      EXPECT_EQ(Current(), before + 1);
    }
    RestartProjector();
    ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.projector().Log();
    ExpectReadModelEqualsTheLog();
    EXPECT_THAT(Databases(), ElementsAre(absl::StrCat(Current(), ".db")));
    EXPECT_EQ(processes_.RunProjectorCommand({"verify"}).exit_code, 0);
  }
}

TEST_P(RebuildTest, OperatorWhoGoesAwayEndsIt) {
  StartAll();
  ImportUsers(20'000);
  ExpectReadModelEqualsTheLog();
  const auto rebuild = Process::Start({ProgramPath("roster-projector"), processes_.log_flag(),
                                       "--read-model=" + processes_.read_model(), "rebuild", "--output", "json"},
                                      processes_.File("rebuild"));
  const auto generations = [&] { return Databases().size(); };
  ASSERT_TRUE(Eventually([&] { return generations() == 2; }));
  rebuild->Kill();
  ASSERT_TRUE(Eventually([&] { return generations() == 1; }));
  EXPECT_EQ(processes_.RunProjectorCommand({"rebuild"}).exit_code, 0);
  ExpectReadModelEqualsTheLog();
}

TEST_P(RebuildTest, DifferencePlantedInTheLiveReadModelIsReportedAndReplacedOnlyWhenAccepted) {
  StartAll();
  ImportUsers(500);
  ExpectReadModelEqualsTheLog();
  StopProjector();
  const std::string user_id = ListAll("").begin()->first;
  Execute(absl::StrCat("UPDATE users SET version = 77 WHERE user_id = '", user_id, "'"));
  RestartProjector();
  for (const char* command : {"verify", "rebuild"}) {
    const CommandResult result = processes_.RunProjectorCommand({command});
    EXPECT_EQ(result.exit_code, kUsersDiffer) << command;
    EXPECT_THAT(result.output, HasSubstr(user_id + "  different: version")) << command;
    EXPECT_EQ(Current(), 1);
  }
  const CommandResult accepted = processes_.RunProjectorCommand({"rebuild", "--accept"});
  EXPECT_EQ(accepted.exit_code, 0) << accepted.output;
  EXPECT_EQ(Current(), 2);
  EXPECT_EQ(processes_.RunProjectorCommand({"verify"}).exit_code, 0);
  ExpectReadModelEqualsTheLog();
}

TEST_P(RebuildTest, WithoutAProjectorItIsDoneAloneWhileReadsGoOn) {
  StartAll();
  ImportUsers(2000);
  const std::string token = TokenOfNow();
  const std::map<std::string, v1::User> before = ListAll(token);
  StopProjector();
  const CommandResult result = processes_.RunProjectorCommand({"rebuild"});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(Current(), 2);
  EXPECT_EQ(CompareUsers(ListAll(token), before), std::vector<std::string>());
  RestartProjector();
  ExpectReadModelEqualsTheLog();
}

TEST_P(RebuildTest, BackupTakenUnderLoadIsRestoredElsewhereAndCatchesUpEqual) {
  StartAll();
  ImportUsers(2000);
  ExpectReadModelEqualsTheLog();
  const std::string backup = processes_.File("backup.db");
  const std::string replica = processes_.File("replica");
  {
    History history;
    Load load({processes_.command_address()}, 4, history);
    ASSERT_TRUE(Eventually([&] { return load.commands() > 50; }));
    ASSERT_EQ(processes_.RunProjectorCommand({"backup", backup}).exit_code, 0);
    const int64_t then = load.commands();
    ASSERT_TRUE(Eventually([&] { return load.commands() > then + 50; }));
  }
  const auto run = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {ProgramPath("roster-projector"), processes_.log_flag(), "--read-model=" + replica};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return RunCommand(all, processes_.File("replica-command.log"));
  };
  ASSERT_EQ(run({"restore", backup}).exit_code, 0);
  const auto projector = Process::Start(
      {ProgramPath("roster-projector"), processes_.log_flag(), "--read-model=" + replica, "--kafka-group=replica"},
      processes_.File("replica.log"));
  ExpectReadModelEqualsTheLog();
  const std::string digest = processes_.RunProjectorCommand({"digest"}).output;
  EXPECT_TRUE(Eventually([&] { return run({"digest"}).output == digest; })) << run({"status"}).output;
  EXPECT_THAT(run({"status"}).output, HasSubstr("lag           0 records"));
  EXPECT_EQ(run({"verify"}).exit_code, 0);
}

TEST_P(RebuildTest, OlderSchemaIsReplacedOnUpgradeWhileItIsServed) {
  StartAll();
  ImportUsers(2000);
  ExpectReadModelEqualsTheLog();
  StopProjector();
  // What schema 2 was.
  Execute("ALTER TABLE read_model DROP COLUMN made_at_us");
  Execute("PRAGMA user_version = 2");
  // A new query service serves it, as an old one went on doing.
  processes_.query_service().Kill();
  processes_.StartQueryService();
  ASSERT_TRUE(processes_.WaitUntilServing());
  EXPECT_EQ(ListAll("").size(), 2001u);
  OpenWatch watch(*queries_, "");
  ASSERT_TRUE(Eventually([&] { return watch.users().size() == 2001; }));
  RestartProjector();
  ExpectReadModelEqualsTheLog();
  EXPECT_EQ(Current(), 2);
  const std::map<std::string, v1::User> users = FoldLog();
  EXPECT_TRUE(Eventually([&] { return CompareUsers(watch.users(), users).empty() || !watch.error().empty(); }));
  EXPECT_EQ(watch.error(), "");
  EXPECT_TRUE(Eventually([&] { return !std::filesystem::exists(processes_.read_model() + "/1.db"); }));
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, RebuildTest, LogsUnderTest(), LogName);

}  // namespace roster::test
