#include "bench/commands.h"

#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "bench/empty_server_process.h"
#include "bench/load_generator.h"
#include "bench/raw_append.h"
#include "roster/v1/user_command_service.grpc.pb.h"

namespace roster::bench {
namespace {

// About what one SignUpUser event takes on the log.
constexpr int kEventBytes = 512;

using SignUps = LoadGenerator<v1::SignUpUserRequest, v1::SignUpUserResponse>;

// Signs up a new user with each call.
SignUps SignUpsAt(const std::shared_ptr<grpc::Channel>& channel) {
  std::shared_ptr<v1::UserCommandService::Stub> stub = v1::UserCommandService::NewStub(channel);
  return SignUps([stub](grpc::ClientContext* context, const v1::SignUpUserRequest& request,
                        grpc::CompletionQueue* queue) { return stub->AsyncSignUpUser(context, request, queue); },
                 [user = int64_t{0}](v1::SignUpUserRequest& request) mutable {
                   request.set_email(absl::StrCat("user", user, "@example.com"));
                   request.set_display_name(absl::StrCat("User ", user));
                   ++user;
                 });
}

using RawWrites = absl::StatusOr<double> (*)(const std::string& path, int bytes, absl::Duration duration);

Measurement RawWritesAs(const std::string& name, const std::string& path, RawWrites writes) {
  return {name, [path, writes](absl::Duration duration) -> absl::StatusOr<Rate> {
            ROSTER_ASSIGN_OR_RETURN(const double per_second, writes(path, kEventBytes, duration));
            return Rate{per_second, {}, {}};
          }};
}

}  // namespace

absl::Status MeasureCommands(const Settings& settings, test::RosterProcesses& roster, std::vector<Figure>& figures) {
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty, EmptyServerProcess::Start("command", roster.File("empty")));
  SignUps sign_ups = SignUpsAt(roster.command_channel());
  SignUps empty_calls = SignUpsAt(empty.channel());
  for (const int in_flight : {1, 64, 256}) {
    const Measurement measured = {absl::StrCat("SignUpUser, ", in_flight, " in flight"),
                                  [&](absl::Duration duration) { return sign_ups.Run(in_flight, duration); }};
    std::vector<Measurement> ceilings = {
        {"empty RPC", [&](absl::Duration duration) { return empty_calls.Run(in_flight, duration); }}};
    if (in_flight == 1 && settings.log == "embedded") {
      ceilings.push_back(RawWritesAs("append+fdatasync", roster.File("append"), AppendsPerSecond));
      ceilings.push_back(RawWritesAs("overwrite+fdatasync", roster.File("overwrite"), OverwritesPerSecond));
    }
    ROSTER_ASSIGN_OR_RETURN(Figure figure, MeasureFigure(settings, measured, ceilings));
    figures.push_back(std::move(figure));
  }
  return absl::OkStatus();
}

}  // namespace roster::bench
