#include "tests/support/kafka_acls.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "event-log/kafka/handles.h"

namespace roster::test {
namespace {

using event_log::kafka::Destroyer;
using event_log::kafka::EventHandle;
using event_log::kafka::QueueHandle;
using Binding = std::unique_ptr<rd_kafka_AclBinding_t, Destroyer<rd_kafka_AclBinding_destroy>>;

constexpr int kTimeoutMs = 30'000;

[[noreturn]] void Fail(const std::string& problem) {
  std::fprintf(stderr, "rights on the broker: %s\n", problem.c_str());
  std::abort();
}

rd_kafka_ResourceType_t ResourceType(const std::string& name) {
  if (name == "Topic") return RD_KAFKA_RESOURCE_TOPIC;
  if (name == "Group") return RD_KAFKA_RESOURCE_GROUP;
  if (name == "TransactionalId") return RD_KAFKA_RESOURCE_TRANSACTIONAL_ID;
  Fail("no such resource: " + name);
}

rd_kafka_AclOperation_t Operation(const std::string& name) {
  static const auto& operations =
      *new std::map<std::string, rd_kafka_AclOperation_t>{{"Read", RD_KAFKA_ACL_OPERATION_READ},
                                                          {"Write", RD_KAFKA_ACL_OPERATION_WRITE},
                                                          {"Create", RD_KAFKA_ACL_OPERATION_CREATE},
                                                          {"Describe", RD_KAFKA_ACL_OPERATION_DESCRIBE},
                                                          {"DescribeConfigs", RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS}};
  const auto found = operations.find(name);
  if (found == operations.end()) Fail("no such operation: " + name);
  return found->second;
}

rd_kafka_ResourcePatternType_t PatternType(const Right& right) {
  return right.prefixed ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED : RD_KAFKA_RESOURCE_PATTERN_LITERAL;
}

}  // namespace

KafkaAcls::KafkaAcls(const std::string& address) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", address.c_str(), nullptr, 0);
  char problem[256];
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof(problem)));
  if (client_ == nullptr) Fail(problem);
}

void KafkaAcls::Await(rd_kafka_queue_t* answers) {
  const EventHandle answer(rd_kafka_queue_poll(answers, kTimeoutMs));
  if (answer == nullptr) Fail("no answer");
  if (rd_kafka_event_error(answer.get()) != 0) Fail(rd_kafka_event_error_string(answer.get()));
}

void KafkaAcls::Grant(const Right& right) {
  char problem[256];
  const Binding binding(rd_kafka_AclBinding_new(ResourceType(right.resource), right.name.c_str(), PatternType(right),
                                                ("User:" + right.user).c_str(), "*", Operation(right.operation),
                                                RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, problem, sizeof(problem)));
  if (binding == nullptr) Fail(problem);
  rd_kafka_AclBinding_t* bindings[] = {binding.get()};
  const QueueHandle answers(rd_kafka_queue_new(client_.get()));
  rd_kafka_CreateAcls(client_.get(), bindings, 1, nullptr, answers.get());
  Await(answers.get());
}

void KafkaAcls::Revoke(const Right& right) {
  char problem[256];
  const Binding filter(rd_kafka_AclBindingFilter_new(
      ResourceType(right.resource), right.name.c_str(), PatternType(right), ("User:" + right.user).c_str(), "*",
      Operation(right.operation), RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, problem, sizeof(problem)));
  if (filter == nullptr) Fail(problem);
  rd_kafka_AclBinding_t* filters[] = {filter.get()};
  const QueueHandle answers(rd_kafka_queue_new(client_.get()));
  rd_kafka_DeleteAcls(client_.get(), filters, 1, nullptr, answers.get());
  Await(answers.get());
}

// Rows: | `roster-projector` | Topic | `TOPIC` | Read, Write |
std::vector<Right> DocumentedRights(const std::string& topic) {
  std::ifstream document(ROSTER_SOURCE_DIR "/docs/kafka.md");
  std::vector<Right> rights;
  for (std::string line; std::getline(document, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, absl::ByAnyChar("|"));
    if (cells.size() != 6 || !absl::StartsWith(line, "| `roster-")) continue;
    const auto cell = [&](int i) {
      return std::string(absl::StripAsciiWhitespace(absl::StrReplaceAll(cells[i], {{"`", ""}, {"TOPIC", topic}})));
    };
    Right right{.user = cell(1), .resource = cell(2), .name = cell(3)};
    right.prefixed = absl::EndsWith(right.name, "*");
    right.name = std::string(absl::StripSuffix(right.name, "*"));
    for (const absl::string_view operation : absl::StrSplit(cell(4), ", ")) {
      right.operation = std::string(operation);
      rights.push_back(right);
    }
  }
  if (rights.empty()) Fail("docs/kafka.md lists none");
  return rights;
}

}  // namespace roster::test
