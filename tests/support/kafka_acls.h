#ifndef ROSTER_TESTS_SUPPORT_KAFKA_ACLS_H_
#define ROSTER_TESTS_SUPPORT_KAFKA_ACLS_H_

#include <memory>
#include <string>
#include <vector>

#include "librdkafka/rdkafka.h"

namespace roster::test {

// One operation that a user may do, in the words of Kafka's ACLs.
struct Right {
  std::string user;
  // "Topic", "Group" or "TransactionalId".
  std::string resource;
  std::string name;
  // Whether for every name that begins so.
  bool prefixed = false;
  // "Read", "Write", ...
  std::string operation;
};

// Grants rights on a broker, and takes them away, as its administrator. What fails ends the test program.
//
// Thread safety: one thread.
class KafkaAcls {
 public:
  // `address` is of a listener whose users may do everything.
  explicit KafkaAcls(const std::string& address);

  void Grant(const Right& right);
  void Revoke(const Right& right);

 private:
  struct DestroyClient {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };
  // Waits for the answer to a request.
  void Await(rd_kafka_queue_t* answers);

  std::unique_ptr<rd_kafka_t, DestroyClient> client_;
};

// The rights in the table of docs/kafka.md, for a topic.
std::vector<Right> DocumentedRights(const std::string& topic);

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_KAFKA_ACLS_H_
