#ifndef ROSTER_CLIENTS_CLI_SESSION_H_
#define ROSTER_CLIENTS_CLI_SESSION_H_

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/profile.h"
#include "clients/cpp/command_client.h"
#include "clients/cpp/credentials.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/query_client.h"

namespace roster::cli {

enum class OutputFormat { kTable, kJson, kCsv };

// What every command can be told, in the command line, the environment or a file.
struct Settings {
  std::string command_services = "127.0.0.1:50051";
  std::string query_services = "127.0.0.1:50052";
  double timeout_s = 10;
  std::string output = "table";
  std::string profile;
  client::CredentialOptions credentials;
};

// Where a run reads and writes, so that tests can stand in for the terminal.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

// Which state a read must include: "" is the profile's last write, "none" nothing, anything else a token.
struct ReadAfter {
  std::string value;
};

// What one run of a command works with: the two services, the profile, the terminal.
//
// Thread safety: none.
class Session {
 public:
  // `profile_folder` is DefaultProfileFolder() but in tests. An error names the setting that is
  // wrong.
  static absl::StatusOr<std::unique_ptr<Session>> Create(const Settings& settings, const Streams& streams,
                                                         const std::string& profile_folder);

  client::CommandClient& commands() { return commands_; }
  client::QueryClient& queries() { return queries_; }
  client::Endpoints& command_endpoints() { return command_endpoints_; }
  client::Endpoints& query_endpoints() { return query_endpoints_; }
  const client::CallOptions& call_options() const { return call_options_; }

  const Streams& streams() const { return streams_; }
  std::ostream& out() const { return streams_.out; }
  std::ostream& err() const { return streams_.err; }
  OutputFormat format() const { return format_; }

  // Makes a read with the token that `read_after` stands for. Where the *saved* token is one the service knows nothing
  // of (the log was made anew), it is forgotten, which is said on stderr, and the read is made without.
  absl::Status Read(const ReadAfter& read_after, const std::function<absl::Status(const std::string& token)>& read);

  // Saves a write's token for later reads. Where that fails, the write still counts: it is said on stderr.
  void SaveToken(const std::string& token);

  // A stream got on: should it stop again, that is said again.
  void EndOfWaiting() { told_of_waiting_ = false; }

  // One sentence to stderr, with the program's name before it.
  void Note(absl::string_view sentence) const;

  // Whether all output so far could be written.
  absl::Status FlushOutput() const;

 private:
  Session(const Settings& settings, const Streams& streams, std::vector<std::string> command_addresses,
          std::vector<std::string> query_addresses, const client::Credentials& credentials, Profile profile);
  client::CallOptions MakeCallOptions(const Settings& settings);

  const Streams streams_;
  const OutputFormat format_;
  const Profile profile_;
  bool told_of_waiting_ = false;
  const client::CallOptions call_options_;
  client::Endpoints command_endpoints_;
  client::Endpoints query_endpoints_;
  client::CommandClient commands_;
  client::QueryClient queries_;
};

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_SESSION_H_
