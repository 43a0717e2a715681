// Signs a user up at the address given: consumer HOST:PORT USER_ID.
#include <iostream>

#include "base/error.h"
#include "clients/cpp/command_client.h"
#include "clients/cpp/credentials.h"
#include "clients/cpp/endpoints.h"

namespace {

roster::client::CallOptions WithRepeats() {
  roster::client::CallOptions options;
  options.timeout = absl::Seconds(60);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: consumer HOST:PORT USER_ID\n";
    return 2;
  }
  const auto addresses = roster::client::ParseAddresses(argv[1]);
  const auto credentials = roster::client::Credentials::Create({});
  if (!addresses.ok() || !credentials.ok()) return 2;
  roster::client::Endpoints endpoints("command service", *addresses, *credentials);
  roster::client::CommandClient commands(endpoints, WithRepeats());
  roster::v1::SignUpUserRequest request;
  request.set_user_id(argv[2]);
  request.set_email("ann@example.com");
  const auto response = commands.SignUpUser(request);
  if (!response.ok()) {
    const auto details = roster::GetErrorDetails(response.status());
    std::cout << (details ? details->reason : response.status().ToString()) << "\n";
    return 1;
  }
  std::cout << "signed up " << response->user().user_id() << ", version " << response->user().version() << "\n";
  return 0;
}
