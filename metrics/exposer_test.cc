#include "metrics/exposer.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/scrape_for_test.h"

namespace roster::metrics {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ExposerTest, ShowsARegistryInPrometheusFormat) {
  Registry registry;
  registry.AddCounter("calls_total", "Calls.", {{"method", "a/b"}}).Add(3);
  registry.AddGauge("open", "Open ones.").Set(-1);
  registry.AddReadings("unknown", "Not known.", Kind::kGauge, [] { return std::vector<Registry::Reading>(); });
  Histogram& histogram = registry.AddHistogram("took_seconds", "How long.", {0.5, 1});
  histogram.Observe(0.25);
  histogram.Observe(2);
  const auto exposer = Exposer::Start({.address = "127.0.0.1:0"}, registry).value();
  EXPECT_THAT(exposer->address(), AllOf(StartsWith("127.0.0.1:"), Not(HasSubstr(":0"))));
  const std::string page = Scrape(exposer->address());
  EXPECT_THAT(page, AllOf(HasSubstr("200 OK"), HasSubstr("# HELP calls_total Calls.\n# TYPE calls_total counter\n"),
                          HasSubstr("calls_total{method=\"a/b\"} 3\n"), HasSubstr("open -1\n"),
                          HasSubstr("took_seconds_count 2\n"), HasSubstr("took_seconds_sum 2.25\n"),
                          HasSubstr("took_seconds_bucket{le=\"0.5\"} 1\n"),
                          HasSubstr("took_seconds_bucket{le=\"+Inf\"} 2\n"), Not(HasSubstr("unknown"))));
  EXPECT_THAT(HttpGet(exposer->address(), "/elsewhere"), HasSubstr("404"));
}

TEST(ExposerTest, WithoutAnAddressNothingIsShown) {
  const Registry registry;
  EXPECT_EQ(Exposer::Start({}, registry).value(), nullptr);
}

TEST(ExposerTest, ErrorNamesTheOption) {
  const Registry registry;
  const auto exposer = Exposer::Start({.address = "127.0.0.1:0"}, registry).value();
  const auto error_of = [&](const std::string& address) {
    const absl::Status status = Exposer::Start({.address = address}, registry).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("--metrics-address"));
    return status.code();
  };
  EXPECT_EQ(error_of("nowhere"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error_of("0.0.0.0:0"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(error_of(exposer->address()), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(Exposer::Start({.address = "0.0.0.0:0", .insecure = true}, registry).value(), nullptr);
}

}  // namespace
}  // namespace roster::metrics
