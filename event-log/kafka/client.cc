#include "event-log/kafka/client.h"

#include <syslog.h>

#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/steady_time.h"
#include "event-log/kafka/kafka_error.h"
#include "openssl/x509.h"
#include "openssl/x509_vfy.h"

namespace roster::event_log::kafka {

absl::StatusOr<std::unique_ptr<Client>> Client::Make(rd_kafka_type_t type, ConfHandle conf, std::string name) {
  auto client = std::unique_ptr<Client>(new Client(std::move(name)));
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_log_cb(conf.get(), &Client::OnLog);
  // Without this callback a consumer's queue would bring these errors as messages.
  rd_kafka_conf_set_error_cb(conf.get(), &Client::OnError);
  rd_kafka_conf_set_ssl_cert_verify_cb(conf.get(), &Client::OnCertificate);
  char problem[512];
  client->handle_ = rd_kafka_new(type, conf.get(), problem, sizeof(problem));
  if (client->handle_ == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("librdkafka refuses its settings: ", problem));
  }
  // rd_kafka_new took it over, as it does only where it succeeds.
  conf.release();
  return client;
}

Client::~Client() {
  // Whoever joined a group has left it, so there is no reason to wait for a broker.
  if (handle_ != nullptr) rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

std::string Client::LastErrorSuffix() const {
  absl::MutexLock lock(&mutex_);
  return last_error_.empty() ? "" : absl::StrCat(": ", last_error_);
}

void Client::RememberError(absl::string_view text) {
  absl::MutexLock lock(&mutex_);
  last_error_ = std::string(text);
}

std::string Client::WithCertificateProblem(absl::string_view text) const {
  absl::MutexLock lock(&mutex_);
  if (certificate_problem_.empty() || !absl::StrContains(text, "certificate verify failed")) return std::string(text);
  return absl::StrCat(certificate_problem_, ": ", text);
}

// OpenSSL's verdict stands. It is only kept, since librdkafka does not tell an expired certificate from one of an
// unknown authority or for another name.
int Client::OnCertificate(rd_kafka_t*, const char* broker, int32_t, int* error, int, const char*, size_t, char* problem,
                          size_t problem_size, void* opaque) {
  if (*error == X509_V_OK) return 1;
  auto* client = static_cast<Client*>(opaque);
  const char* reason = X509_verify_cert_error_string(*error);
  std::snprintf(problem, problem_size, "%s", reason);
  absl::MutexLock lock(&client->mutex_);
  client->certificate_problem_ = absl::StrCat("the certificate of ", broker, ": ", reason);
  return 0;
}

void Client::Rebalance(rd_kafka_t*, rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions,
                       void* client) {
  static_cast<Client*>(client)->on_rebalance_(event, partitions);
}

void Client::OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* line) {
  if (handle == nullptr) return;
  auto* client = static_cast<Client*>(rd_kafka_opaque(handle));
  const std::string text = client->WithCertificateProblem(line);
  const bool failed = absl::string_view(facility) == "FAIL";
  // Some only hint at the cause (a wrong security.protocol), and have a lower level.
  if (level <= LOG_ERR || failed) client->RememberError(text);
  int kept_back = 0;
  // Told with the error that follows.
  if (absl::string_view(facility) == "SSLCERTVRFY") return;
  if (failed && !client->TakeFailureToLog(kept_back)) return;
  // Every client is given all settings, also those that mean nothing to it: librdkafka warns of each.
  const bool about_settings = absl::string_view(facility) == "CONFWARN";
  const LogLevel ours = level <= LOG_WARNING && !about_settings ? LogLevel::kWarning : LogLevel::kDebug;
  Log(ours, "kafka client",
      {{"client", client->name_}, {"facility", facility}, {"text", text}, {"kept_back", kept_back}});
}

// librdkafka brings such an error once, until it changes.
void Client::ReportGroupError(const rd_kafka_message_t& error) const {
  const bool warn = IsAuthorizationError(error.err) && !group_.empty();
  Log(warn ? LogLevel::kWarning : LogLevel::kDebug, "progress is not reported to the consumer group",
      {{"error", absl::StrCat(rd_kafka_message_errstr(&error),
                              MissingRight(error.err, absl::StrCat("Read on group ", group_)))}});
}

// While a broker is away each connection fails twice a second.
bool Client::TakeFailureToLog(int& kept_back) {
  constexpr absl::Duration kLogFailuresEvery = absl::Seconds(10);
  absl::MutexLock lock(&mutex_);
  const absl::Time now = SteadyNow();
  if (now - last_failure_logged_ < kLogFailuresEvery) {
    ++failures_not_logged_;
    return false;
  }
  last_failure_logged_ = now;
  kept_back = std::exchange(failures_not_logged_, 0);
  return true;
}

void Client::OnError(rd_kafka_t* handle, int error, const char* reason, void* opaque) {
  auto* client = static_cast<Client*>(opaque);
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    client->all_brokers_down_ = true;
  } else {
    client->RememberError(client->WithCertificateProblem(reason));
  }
}

}  // namespace roster::event_log::kafka
