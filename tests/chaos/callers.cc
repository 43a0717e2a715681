#include "tests/chaos/callers.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "clients/cpp/command_client.h"
#include "clients/cpp/query_client.h"
#include "tests/chaos/command_view.h"
#include "tests/support/random.h"

namespace roster::test::chaos {
namespace {

constexpr int kWantedAddresses = 30;
constexpr int kWantedIds = 20;
constexpr int kUsersKept = 100;
constexpr int kMaxPauseMs = 60;

client::CallOptions Options() {
  return {.timeout = absl::Seconds(30), .first_delay = absl::Milliseconds(20), .max_delay = absl::Milliseconds(200)};
}

}  // namespace

class Callers::Answered {
 public:
  void Add(const Call& call) {
    absl::MutexLock lock(&mutex_);
    (calls_.size() < kMost ? calls_.emplace_back() : calls_[added_ % kMost]) = call;
    ++added_;
  }
  // Absent while there is none.
  std::optional<Call> Choose(Random& random) {
    absl::MutexLock lock(&mutex_);
    if (calls_.empty()) return std::nullopt;
    return calls_[random.Below(calls_.size())];
  }

 private:
  static constexpr size_t kMost = 1000;
  absl::Mutex mutex_;
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
  size_t added_ ABSL_GUARDED_BY(mutex_) = 0;
};

class Callers::Caller {
 public:
  Caller(int number, uint64_t seed, client::Endpoints& commands, client::Endpoints& queries, Answered& answered,
         Recorder& recorder)
      : number_(number),
        random_(seed * 1000 + static_cast<uint64_t>(number)),
        commands_(commands, Options()),
        queries_(queries, Options()),
        answered_(answered),
        recorder_(recorder) {}

  // What callers do who only read: so that reads go on while commands wait.
  void Read() {
    if (const auto call = answered_.Choose(random_)) {
      const CommandAnswer answer = ViewCommand(*call)->answer;
      token_ = answer.consistency_token;
      Remember(answer.user);
    }
    if (users_.empty()) return;
    if (random_.Below(10) == 0) return List();
    Get();
  }

  void Step() {
    const int choice = random_.Below(100);
    if (users_.empty() || choice < 30) return SignUp();
    if (choice < 55) return Update();
    if (choice < 63) return Delete();
    if (choice < 70) return Repeat();
    if (choice < 97) return Get();
    List();
  }

  int PauseMs() { return random_.Below(kMaxPauseMs); }

 private:
  std::string NextRequestId() { return absl::StrCat("caller-", number_, "-", ++requests_); }
  std::string WantedEmail() {
    return absl::StrCat(random_.Below(2) == 0 ? "wanted" : "Wanted", random_.Below(kWantedAddresses), "@example.com");
  }
  // Half are wanted by everybody, half by nobody else.
  std::string NextEmail() {
    return random_.Below(2) == 0 ? WantedEmail() : absl::StrCat("own-", number_, "-", requests_, "@example.com");
  }
  const v1::User& AnyUser() { return users_[random_.Below(users_.size())]; }

  Call NewCall() {
    Call call;
    call.set_caller(number_);
    return call;
  }

  void SignUp() {
    Call call = NewCall();
    v1::SignUpUserRequest& request = *call.mutable_sign_up()->mutable_request();
    request.set_email(NextEmail());
    request.set_display_name(absl::StrCat("Name ", random_.Below(1000)));
    if (random_.Below(5) == 0) (*request.mutable_labels())["team"] = absl::StrCat(random_.Below(10));
    // An id that others want too, now and then a new one of those.
    if (random_.Below(10) == 0)
      request.set_user_id(absl::StrCat("wanted-", requests_ / 50, "-", random_.Below(kWantedIds)));
    request.set_request_id(NextRequestId());
    Send(call);
  }

  void Update() {
    Call call = NewCall();
    v1::UpdateUserRequest& request = *call.mutable_update()->mutable_request();
    const v1::User& user = AnyUser();
    request.mutable_user()->set_user_id(user.user_id());
    // Outdated where another update of the same user has come between.
    if (random_.Below(2) == 0) request.mutable_user()->set_etag(user.etag());
    switch (random_.Below(4)) {
      case 0:
      case 1:
        request.mutable_user()->set_email(NextEmail());
        request.mutable_update_mask()->add_paths("email");
        break;
      case 2:
        request.mutable_user()->set_display_name(absl::StrCat("Name ", random_.Below(1000)));
        request.mutable_update_mask()->add_paths("display_name");
        break;
      default:
        request.mutable_user()->set_status(random_.Below(2) == 0 ? v1::USER_STATUS_ACTIVE : v1::USER_STATUS_INACTIVE);
        request.mutable_update_mask()->add_paths("status");
    }
    request.set_request_id(NextRequestId());
    Send(call);
  }

  void Delete() {
    Call call = NewCall();
    v1::DeleteUserRequest& request = *call.mutable_delete_()->mutable_request();
    const v1::User& user = AnyUser();
    request.set_user_id(user.user_id());
    if (random_.Below(2) == 0) request.set_etag(user.etag());
    request.set_request_id(NextRequestId());
    Send(call);
  }

  void Repeat() {
    std::optional<Call> call = answered_.Choose(random_);
    if (!call) return;
    call->set_caller(number_);
    Send(*call);
  }

  // Makes the call, and reads the own write now and then.
  void Send(Call& call) {
    if (call.has_sign_up()) return Finish(call, *call.mutable_sign_up(), &client::CommandClient::SignUpUser);
    if (call.has_update()) return Finish(call, *call.mutable_update(), &client::CommandClient::UpdateUser);
    Finish(call, *call.mutable_delete_(), &client::CommandClient::DeleteUser);
  }

  template <typename Operation, typename Method>
  void Finish(Call& call, Operation& operation, Method method) {
    call.set_started_us(recorder_.NowUs());
    const auto response = (commands_.*method)(operation.request());
    End(call, response.status());
    if (response.ok()) *operation.mutable_response() = *response;
    RecordCall(call);
    if (!response.ok()) return;
    answered_.Add(call);
    token_ = response->consistency_token();
    Remember(response->user());
    if (random_.Below(4) == 0) GetById(response->user().user_id(), token_);
  }

  void Remember(const v1::User& user) {
    const auto known = std::find_if(users_.begin(), users_.end(),
                                    [&](const v1::User& other) { return other.user_id() == user.user_id(); });
    const bool live = user.status() != v1::USER_STATUS_DELETED;
    if (known != users_.end()) {
      // Some deleted ones are kept, to be asked for in vain.
      if (live || random_.Below(4) == 0) {
        *known = user;
      } else {
        users_.erase(known);
      }
    } else if (users_.size() < kUsersKept) {
      users_.push_back(user);
    } else {
      users_[random_.Below(kUsersKept)] = user;
    }
  }

  void Get() {
    const std::string token = random_.Below(3) > 0 ? token_ : "";
    if (random_.Below(3) > 0) return GetById(AnyUser().user_id(), token);
    Call call = NewCall();
    call.mutable_get()->mutable_request()->set_email(random_.Below(2) == 0 ? WantedEmail() : AnyUser().email());
    if (call.get().request().email().empty()) return;
    SendGet(call, token);
  }

  void GetById(const std::string& user_id, const std::string& token) {
    Call call = NewCall();
    call.mutable_get()->mutable_request()->set_user_id(user_id);
    call.mutable_get()->mutable_request()->set_show_deleted(random_.Below(2) == 0);
    SendGet(call, token);
  }

  void SendGet(Call& call, const std::string& token) {
    call.mutable_get()->mutable_request()->set_read_after(token);
    call.set_started_us(recorder_.NowUs());
    const auto response = queries_.GetUser(call.get().request());
    End(call, response.status());
    if (response.ok()) *call.mutable_get()->mutable_response() = *response;
    RecordCall(call);
  }

  void List() {
    Call call = NewCall();
    v1::ListUsersRequest& request = *call.mutable_list()->mutable_request();
    request.mutable_filter()->set_email_prefix(absl::StrCat("wanted", random_.Below(10)));
    request.set_page_size(1 + random_.Below(5));
    if (random_.Below(2) == 0) request.set_order_by("user_id desc");
    if (random_.Below(2) == 0) request.set_read_after(token_);
    call.set_started_us(recorder_.NowUs());
    const absl::Status status = queries_.ListUsers(request, [&](const v1::ListUsersResponse& page) {
      *call.mutable_list()->add_pages() = page;
      return absl::OkStatus();
    });
    End(call, status);
    RecordCall(call);
  }

  void End(Call& call, const absl::Status& status) {
    call.set_ended_us(recorder_.NowUs());
    call.set_code(static_cast<int>(status.code()));
    const auto details = GetErrorDetails(status);
    call.set_reason(details ? details->reason : "");
  }

  void RecordCall(const Call& call) {
    RunEntry entry;
    *entry.mutable_call() = call;
    recorder_.Add(entry);
  }

  const int number_;
  Random random_;
  client::CommandClient commands_;
  client::QueryClient queries_;
  Answered& answered_;
  Recorder& recorder_;
  int requests_ = 0;
  std::vector<v1::User> users_;
  std::string token_;
};

Callers::Callers(int count, uint64_t seed, const std::vector<std::string>& command_addresses,
                 const std::vector<std::string>& query_addresses, Recorder& recorder)
    : commands_("command service", command_addresses, grpc::InsecureChannelCredentials()),
      queries_("query service", query_addresses, grpc::InsecureChannelCredentials()),
      answered_(std::make_unique<Answered>()) {
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back([this, i, seed, &recorder] {
      Caller caller(i, seed, commands_, queries_, *answered_, recorder);
      const bool reads_only = i % 3 == 2;
      while (!stop_) {
        if (reads_only) {
          caller.Read();
        } else {
          caller.Step();
        }
        // Thinks: the load is to leave room for what recovers.
        std::this_thread::sleep_for(std::chrono::milliseconds(caller.PauseMs()));
      }
    });
  }
}

Callers::~Callers() { Stop(); }

void Callers::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace roster::test::chaos
