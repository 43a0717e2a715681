#include "bench/load/commands.h"

#include <random>

#include "bench/load/people.h"

namespace roster::bench {

SignUps SignUpsAt(const std::shared_ptr<grpc::Channel>& channel, Stage& stage) {
  std::shared_ptr<v1::UserCommandService::Stub> stub = v1::UserCommandService::NewStub(channel);
  return {.start = [stub](grpc::ClientContext* context, const v1::SignUpUserRequest& request,
                          grpc::CompletionQueue* queue) { return stub->AsyncSignUpUser(context, request, queue); },
          .next =
              [&stage](v1::SignUpUserRequest& request) {
                const int64_t person = stage.NextPerson();
                request.set_email(EmailOf(person));
                request.set_display_name(DisplayNameOf(person));
              }};
}

Updates UpdatesAt(const std::shared_ptr<grpc::Channel>& channel, const LoadedUsers& loaded) {
  std::shared_ptr<v1::UserCommandService::Stub> stub = v1::UserCommandService::NewStub(channel);
  return {.start = [stub](grpc::ClientContext* context, const v1::UpdateUserRequest& request,
                          grpc::CompletionQueue* queue) { return stub->AsyncUpdateUser(context, request, queue); },
          .next =
              [&ids = loaded.user_ids, random = std::make_shared<std::mt19937_64>()](v1::UpdateUserRequest& request) {
                request.mutable_user()->set_user_id(ids[(*random)() % ids.size()]);
                request.mutable_user()->set_display_name(DisplayNameOf(static_cast<int64_t>((*random)() >> 1)));
                request.mutable_update_mask()->add_paths("display_name");
              }};
}

}  // namespace roster::bench
