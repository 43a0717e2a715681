// roster-bench: what Roster does a second, beside a ceiling measured in the same run.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "bench/empty_server.h"
#include "bench/load_generator.h"
#include "bench/raw_append.h"
#include "tests/support/roster_processes.h"

namespace roster::bench {
namespace {

// About what one SignUpUser event takes on the log.
constexpr int kRawAppendBytes = 512;

struct Settings {
  double seconds = 5;
  int repeats = 3;
  std::string output = "table";
};

// One figure beside its ceiling, a value for each repeat.
struct Figure {
  std::string name;
  std::string ceiling_name;
  std::vector<double> per_second;
  std::vector<double> ceiling_per_second;
  std::vector<double> p50_ms;
  std::vector<double> p99_ms;
};

double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * (values.size() - 1))];
}

std::vector<double> Ratios(const Figure& figure) {
  std::vector<double> ratios;
  for (size_t i = 0; i < figure.per_second.size(); ++i) {
    ratios.push_back(figure.per_second[i] / figure.ceiling_per_second[i]);
  }
  return ratios;
}

void Print(const std::vector<Figure>& figures, const std::string& output) {
  const bool json = output == "json";
  if (json) {
    std::printf("[");
  } else {
    std::printf("%-24s %10s %10s  %-18s %-20s %8s %8s\n", "figure", "/s", "ceiling/s", "ceiling", "ratio min/med/max",
                "p50 ms", "p99 ms");
  }
  const char* separator = "";
  for (const Figure& figure : figures) {
    const std::vector<double> ratios = Ratios(figure);
    const double values[] = {Quantile(figure.per_second, .5), Quantile(figure.ceiling_per_second, .5)};
    const double low = Quantile(ratios, 0), middle = Quantile(ratios, .5), high = Quantile(ratios, 1);
    const double p50 = Quantile(figure.p50_ms, .5), p99 = Quantile(figure.p99_ms, .5);
    if (json) {
      std::printf(
          "%s\n{\"figure\":\"%s\",\"per_second\":%.1f,\"ceiling\":\"%s\",\"ceiling_per_second\":%.1f,\"ratio_min\":%."
          "4f,"
          "\"ratio_median\":%.4f,\"ratio_max\":%.4f,\"p50_ms\":%.4f,\"p99_ms\":%.4f}",
          separator, figure.name.c_str(), values[0], figure.ceiling_name.c_str(), values[1], low, middle, high, p50,
          p99);
      separator = ",";
    } else {
      std::printf("%-24s %10.0f %10.0f  %-18s %.3f/%.3f/%.3f    %8.3f %8.3f\n", figure.name.c_str(), values[0],
                  values[1], figure.ceiling_name.c_str(), low, middle, high, p50, p99);
    }
  }
  if (json) std::printf("\n]\n");
}

using SignUps = LoadGenerator<v1::SignUpUserRequest, v1::SignUpUserResponse>;

SignUps SignUpsAt(const std::shared_ptr<grpc::Channel>& channel, int64_t& next_user) {
  std::shared_ptr<v1::UserCommandService::Stub> stub = v1::UserCommandService::NewStub(channel);
  return SignUps([stub](grpc::ClientContext* context, const v1::SignUpUserRequest& request,
                        grpc::CompletionQueue* queue) { return stub->AsyncSignUpUser(context, request, queue); },
                 [&next_user](v1::SignUpUserRequest& request) {
                   const int64_t user = next_user++;
                   request.set_email(absl::StrCat("user", user, "@example.com"));
                   request.set_display_name(absl::StrCat("User ", user));
                 });
}

absl::Status Measure(const Settings& settings, std::vector<Figure>& figures) {
  test::RosterProcesses roster(test::LogKind::kEmbedded);
  roster.StartCommandService();
  const auto empty_server =
      test::Process::Start({test::ProgramPath("roster-bench"), "--empty-server"}, roster.File("empty-server.log"));
  const auto empty_address = empty_server->WaitForLogField("listening", "address");
  if (!empty_address.ok()) return empty_address.status();
  const auto empty_channel = grpc::CreateChannel(*empty_address, grpc::InsecureChannelCredentials());
  const auto command_channel = roster.command_channel();
  for (const auto& channel : {empty_channel, command_channel}) {
    if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
      return absl::UnavailableError("a server does not answer");
    }
  }
  const absl::Duration duration = absl::Seconds(settings.seconds);
  int64_t next_user = 0;
  int64_t next_empty = 0;
  SignUps sign_ups = SignUpsAt(command_channel, next_user);
  SignUps empty_calls = SignUpsAt(empty_channel, next_empty);
  Figure durable{"SignUpUser, 1 in flight", "append+fdatasync", {}, {}, {}, {}};
  for (const int in_flight : {1, 64, 256}) {
    Figure figure{absl::StrCat("SignUpUser, ", in_flight, " in flight"), "empty RPC", {}, {}, {}, {}};
    for (int repeat = 0; repeat < settings.repeats; ++repeat) {
      const auto ceiling = empty_calls.Run(in_flight, duration);
      if (!ceiling.ok()) return ceiling.status();
      const auto measured = sign_ups.Run(in_flight, duration);
      if (!measured.ok()) return measured.status();
      figure.per_second.push_back(measured->calls_per_second);
      figure.ceiling_per_second.push_back(ceiling->calls_per_second);
      figure.p50_ms.push_back(measured->p50_ms);
      figure.p99_ms.push_back(measured->p99_ms);
      if (in_flight != 1) continue;
      const auto raw = RawAppendsPerSecond(roster.File(absl::StrCat("raw-", repeat)), kRawAppendBytes, duration);
      if (!raw.ok()) return raw.status();
      durable.ceiling_per_second.push_back(*raw);
    }
    figures.push_back(figure);
    if (in_flight == 1) {
      durable.per_second = figure.per_second;
      durable.p50_ms = figure.p50_ms;
      durable.p99_ms = figure.p99_ms;
      figures.push_back(durable);
    }
  }
  return absl::OkStatus();
}

int Run(int argc, char** argv) {
  CLI::App app("Measures Roster's services beside ceilings measured in the same run.", "roster-bench");
  Settings settings;
  bool empty_server = false;
  bool quick = false;
  app.add_option("--seconds", settings.seconds, "How long each figure is measured")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--repeats", settings.repeats, "How often each figure is measured")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--output", settings.output, "table or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}));
  app.add_flag("--quick", quick, "One repeat of half a second: shows that it runs, its figures mean little");
  app.add_flag("--empty-server", empty_server, "Be the empty server that the others are compared with");
  CLI11_PARSE(app, argc, argv);
  if (empty_server) return RunEmptyServer();
  if (quick) settings.seconds = 0.5, settings.repeats = 1;

  std::vector<Figure> figures;
  if (const absl::Status status = Measure(settings, figures); !status.ok()) {
    std::fprintf(stderr, "roster-bench: %s\n", status.ToString().c_str());
    return 1;
  }
  Print(figures, settings.output);
  return 0;
}

}  // namespace
}  // namespace roster::bench

int main(int argc, char** argv) { return roster::bench::Run(argc, argv); }
