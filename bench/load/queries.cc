#include "bench/load/queries.h"

#include <random>
#include <utility>

#include "bench/load/zipf.h"

namespace roster::bench {

Pick PickEvenly(int64_t items) {
  return [random = std::mt19937_64(), pick = std::uniform_int_distribution<int64_t>(0, items - 1)]() mutable {
    return pick(random);
  };
}

Pick PickByPopularity(int64_t items) {
  return [zipf = Zipf(items)]() mutable { return zipf.Next(); };
}

Gets GetsAt(const std::shared_ptr<grpc::Channel>& channel, const LoadedUsers& loaded, Pick pick) {
  std::shared_ptr<v1::UserQueryService::Stub> stub = v1::UserQueryService::NewStub(channel);
  return {.start = [stub](grpc::ClientContext* context, const v1::GetUserRequest& request,
                          grpc::CompletionQueue* queue) { return stub->AsyncGetUser(context, request, queue); },
          .next = [&ids = loaded.user_ids, pick = std::move(pick)](
                      v1::GetUserRequest& request) { request.set_user_id(ids[static_cast<size_t>(pick())]); }};
}

}  // namespace roster::bench
