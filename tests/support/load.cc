#include "tests/support/load.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/command_client.h"
#include "tests/support/random.h"

namespace roster::test {
namespace {

// One caller's share of the load. Deterministic but for what the service answers.
class Caller {
 public:
  Caller(int number, client::Endpoints& endpoints, History& history)
      : number_(number),
        client_(endpoints, {.timeout = absl::Minutes(5), .max_delay = absl::Milliseconds(200)}),
        history_(history),
        random_(number) {}

  void Step() {
    const int choice = random_.Below(10);
    if (users_.empty() || choice < 4) return SignUp();
    if (choice < 8) return Update();
    Delete();
  }

 private:
  std::string NextRequestId() { return absl::StrCat("caller-", number_, "-", ++requests_); }
  // Half are wanted by everybody, half by nobody else.
  std::string NextEmail() {
    return random_.Below(2) == 0 ? absl::StrCat("Wanted", random_.Below(20), "@example.com")
                                 : absl::StrCat("own-", number_, "-", requests_, "@example.com");
  }

  void SignUp() {
    v1::SignUpUserRequest request;
    request.set_email(NextEmail());
    request.set_request_id(NextRequestId());
    Note(request.request_id(), client_.SignUpUser(request));
  }

  void Update() {
    v1::UpdateUserRequest request;
    const v1::User& user = users_[random_.Below(users_.size())];
    request.mutable_user()->set_user_id(user.user_id());
    if (random_.Below(2) == 0) request.mutable_user()->set_etag(user.etag());
    if (random_.Below(3) == 0) {
      request.mutable_user()->set_email(NextEmail());
      request.mutable_update_mask()->add_paths("email");
    } else {
      request.mutable_user()->set_status(random_.Below(2) == 0 ? v1::USER_STATUS_ACTIVE : v1::USER_STATUS_INACTIVE);
      request.mutable_update_mask()->add_paths("status");
    }
    request.set_request_id(NextRequestId());
    Note(request.request_id(), client_.UpdateUser(request));
  }

  void Delete() {
    const size_t index = random_.Below(users_.size());
    v1::DeleteUserRequest request;
    request.set_user_id(users_[index].user_id());
    request.set_request_id(NextRequestId());
    Note(request.request_id(), client_.DeleteUser(request));
    users_.erase(users_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  template <typename Response>
  void Note(const std::string& request_id, const absl::StatusOr<Response>& response) {
    if (!response.ok()) {
      // A failure after which the command may still be recorded says nothing; a refusal says that it is not.
      if (!client::IsRetryable(response.status()) && !absl::IsDeadlineExceeded(response.status()))
        history_.AddRefused(request_id);
      return;
    }
    history_.AddAcknowledged(
        {request_id, response->event_id(), {response->partition(), response->offset()}, response->user()});
    Remember(response->user());
  }

  void Remember(const v1::User& user) {
    for (v1::User& known : users_) {
      if (known.user_id() == user.user_id()) {
        known = user;
        return;
      }
    }
    if (user.status() != v1::USER_STATUS_DELETED) users_.push_back(user);
  }

  const int number_;
  client::CommandClient client_;
  History& history_;
  Random random_;
  int requests_ = 0;
  std::vector<v1::User> users_;
};

}  // namespace

Load::Load(std::vector<std::string> command_addresses, int callers, History& history)
    : endpoints_("command service", std::move(command_addresses), grpc::InsecureChannelCredentials()),
      history_(history) {
  for (int i = 0; i < callers; ++i) callers_.emplace_back([this, i] { Call(i); });
}

Load::~Load() { Stop(); }

void Load::Stop() {
  stop_ = true;
  for (std::thread& caller : callers_) caller.join();
  callers_.clear();
}

void Load::Call(int caller) {
  Caller self(caller, endpoints_, history_);
  while (!stop_) {
    self.Step();
    ++commands_;
  }
}

}  // namespace roster::test
