#include "bench/ceilings/constant_pages.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "bench/load/people.h"
#include "query-service/raw_message.h"
#include "roster/v1/user_query_service.pb.h"

namespace roster::bench {
namespace {

using query_service::RawStreamCall;

// As the service stores and sends them.
v1::User UserOf(int64_t person) {
  v1::User user;
  user.set_user_id("01890a5d-ac96-774b-bcce-b302099a8057");
  user.set_email(EmailOf(person));
  user.set_display_name(DisplayNameOf(person));
  user.set_status(v1::USER_STATUS_ACTIVE);
  user.set_version(1);
  user.set_etag("1-01890a5d-ac96-774b-bcce-b302099a8057");
  user.mutable_create_time()->set_seconds(1'700'000'000);
  user.mutable_create_time()->set_nanos(123'456'000);
  *user.mutable_update_time() = user.create_time();
  return user;
}

grpc::Slice PageOf(int64_t users) {
  v1::ListUsersResponse page;
  for (int64_t person = 0; person < users; ++person) *page.add_users() = UserOf(person);
  return grpc::Slice(page.SerializeAsString());
}

class ConstantPages final : public RawStreamCall::Handler {
 public:
  explicit ConstantPages(RawStreamCall& call) : call_(call) {}

  void OnReady() override {
    if (page_size_ == 0) Begin();
    if (left_ == 0) return call_.Finish(absl::OkStatus());
    if (left_ < page_size_) page_ = PageOf(left_);
    left_ -= std::min(left_, page_size_);
    call_.Write(grpc::ByteBuffer(&page_, 1));
  }

 private:
  void Begin() {
    v1::ListUsersRequest request;
    (void)query_service::ParseRequest(call_.request(), request);
    page_size_ = std::max(1, request.page_size());
    left_ = request.limit();
    page_ = PageOf(page_size_);
  }

  RawStreamCall& call_;
  int64_t page_size_ = 0;
  int64_t left_ = 0;
  grpc::Slice page_;
};

}  // namespace

std::unique_ptr<RawStreamCall::Handler> MakeConstantPages(RawStreamCall& call) {
  return std::make_unique<ConstantPages>(call);
}

}  // namespace roster::bench
