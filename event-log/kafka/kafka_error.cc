#include "event-log/kafka/kafka_error.h"

#include "absl/strings/str_cat.h"

namespace roster::event_log::kafka {
namespace {

// Errors that stay until somebody changes the cluster or the settings.
bool NeedsAttention(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return true;
    default:
      return IsAuthorizationError(code);
  }
}

}  // namespace

bool IsAuthorizationError(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
}

std::string MissingRight(rd_kafka_resp_err_t code, absl::string_view right) {
  if (!IsAuthorizationError(code)) return "";
  return absl::StrCat("; the Kafka user of this program needs the right ", right,
                      ", with an ACL as in docs/kafka.md (kafka-acls.sh --add)");
}

std::string DescribeTopicRight(absl::string_view topic) {
  return absl::StrCat("Describe (which Read and Write include) on topic ", topic);
}

bool ConcernsGroupOnly(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_GROUP_COORDINATOR_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR_FOR_GROUP;
}

absl::Status ToStatus(rd_kafka_resp_err_t code, absl::string_view what, absl::string_view detail) {
  const absl::string_view text = detail.empty() ? rd_kafka_err2str(code) : detail;
  const std::string message = absl::StrCat("kafka: ", what, ": ", text, " (", rd_kafka_err2name(code), ")");
  return NeedsAttention(code) ? absl::FailedPreconditionError(message) : absl::UnavailableError(message);
}

}  // namespace roster::event_log::kafka
