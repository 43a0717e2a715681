#ifndef ROSTER_CLIENTS_CLI_LIST_FILTER_H_
#define ROSTER_CLIENTS_CLI_LIST_FILTER_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "roster/v1/user_query_service.pb.h"

namespace roster::cli {

// The options of `list` and `export` that say which users.
class ListFilter {
 public:
  void AddOptions(CLI::App& command);

  // The request that they stand for, without a read_after. INVALID_ARGUMENT names the option.
  absl::StatusOr<v1::ListUsersRequest> MakeRequest() const;

  // Whether all live users are asked for.
  bool IsEverybody() const;

 private:
  std::vector<std::string> statuses_;
  std::string email_prefix_;
  std::string created_after_;
  std::string created_before_;
  std::string order_by_;
  int64_t limit_ = 0;
  int32_t page_size_ = 0;
  bool show_deleted_ = false;
};

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_LIST_FILTER_H_
