#include "event-log/kafka/group_member.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"

namespace roster::event_log::kafka {
namespace {

// Assignments wake the thread at once whatever this is; within max.poll.interval.ms.
constexpr absl::Duration kPollTimeout = absl::Seconds(10);
constexpr absl::Duration kSlice = absl::Milliseconds(20);
constexpr absl::Duration kConfirmTimeout = absl::Seconds(5);

PartitionListHandle OnlyPartition(const std::string& topic, int64_t offset) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = offset;
  return list;
}

}  // namespace

absl::StatusOr<std::unique_ptr<GroupMember>> GroupMember::Join(const ClientConfig& config,
                                                               std::function<void()> on_change) {
  auto member = std::unique_ptr<GroupMember>(new GroupMember(config, std::move(on_change)));
  ROSTER_ASSIGN_OR_RETURN(member->client_, config.MakeGroupMember());
  member->client_->OnRebalance(
      [member = member.get()](rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions) {
        member->OnRebalance(event, partitions);
      });
  member->queue_.reset(rd_kafka_queue_get_consumer(member->client_->get()));
  const PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), member->topic_.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t code = rd_kafka_subscribe(member->client_->get(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(code, "cannot join the group of command services");
  member->thread_ = std::thread([member = member.get()] { member->Run(); });
  return member;
}

GroupMember::~GroupMember() {
  leaving_ = true;
  if (thread_.joinable()) {
    rd_kafka_queue_yield(queue_.get());
    thread_.join();
  }
  if (client_ != nullptr) rd_kafka_consumer_close(client_->get());
}

GroupMember::Assignment GroupMember::assignment() const {
  absl::MutexLock lock(&mutex_);
  return assignment_;
}

void GroupMember::StepDown() {
  absl::MutexLock lock(&mutex_);
  if (assignment_ == Assignment::kOutOfTouch) assignment_ = Assignment::kNone;
}

absl::Status GroupMember::problem() const {
  absl::MutexLock lock(&mutex_);
  return problem_;
}

// The partition is never read; a member that does not ask for messages would still be put out of the group.
void GroupMember::Run() {
  while (!leaving_) {
    const MessageHandle message(rd_kafka_consumer_poll(client_->get(), ToTimeoutMs(kPollTimeout)));
    if (message != nullptr && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) TakeError(*message);
  }
}

absl::string_view GroupMember::Describe(Assignment assignment) {
  switch (assignment) {
    case Assignment::kAssigned:
      return "elected to lead";
    case Assignment::kOutOfTouch:
      return "out of touch with the group of command services: leads on until another one takes the lead";
    case Assignment::kNone:
      return "no longer elected to lead";
  }
  return "";
}

GroupMember::Assignment GroupMember::After(Assignment before, rd_kafka_resp_err_t event, int partitions) const {
  if (event != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    if (partitions == 0) return before;
    return rd_kafka_assignment_lost(client_->get()) != 0 ? Assignment::kOutOfTouch : Assignment::kNone;
  }
  if (partitions > 0) return Assignment::kAssigned;
  // Nothing new for one that has it; for one that came back, somebody else has it.
  return before == Assignment::kAssigned ? before : Assignment::kNone;
}

// Called within Run, or while the group is being left.
void GroupMember::OnRebalance(rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions) {
  const Assignment before = assignment();
  const Assignment after = After(before, event, partitions->cnt);
  if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = 0;
    const ErrorHandle error(rd_kafka_incremental_assign(client_->get(), partitions));
    rd_kafka_pause_partitions(client_->get(), partitions);
  } else {
    const ErrorHandle error(rd_kafka_incremental_unassign(client_->get(), partitions));
  }
  if (after == before) return;
  {
    absl::MutexLock lock(&mutex_);
    assignment_ = after;
  }
  if (leaving_) return;
  Log(LogLevel::kInfo, Describe(after), {{"topic", topic_}});
  on_change_();
}

std::string GroupMember::RightFor(rd_kafka_resp_err_t code) const {
  return code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ? absl::StrCat("Read on group ", group_)
                                                              : absl::StrCat("Read on topic ", topic_);
}

void GroupMember::TakeError(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  absl::Status status =
      ToStatus(message.err, "the group of command services",
               absl::StrCat(rd_kafka_message_errstr(&message), MissingRight(message.err, RightFor(message.err))));
  Log(LogLevel::kWarning, "cannot stand for the lead", {{"topic", topic_}, {"error", status}});
  if (!absl::IsFailedPrecondition(status)) return;
  {
    absl::MutexLock lock(&mutex_);
    problem_ = std::move(status);
  }
  on_change_();
}

// The coordinator takes an offset from the members of the present generation only. What the offset is does not matter:
// nobody reads it.
absl::Status GroupMember::ConfirmAssigned(KeepWaiting keep_waiting) const {
  if (!assigned()) return absl::AbortedError("kafka: the group does not assign the lead to this command service");
  const QueueHandle answers(rd_kafka_queue_new(client_->get()));
  const PartitionListHandle offsets = OnlyPartition(topic_, 0);
  const rd_kafka_resp_err_t asked =
      rd_kafka_commit_queue(client_->get(), offsets.get(), answers.get(), nullptr, nullptr);
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return ToStatus(asked, "cannot ask who is elected to lead");
  for (const Deadline deadline(kConfirmTimeout); !deadline.Passed();) {
    const EventHandle answer(rd_kafka_queue_poll(answers.get(), ToTimeoutMs(kSlice)));
    if (answer != nullptr) {
      switch (const rd_kafka_resp_err_t code = rd_kafka_event_error(answer.get())) {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
          return assigned() ? absl::OkStatus() : absl::AbortedError("kafka: the lead was just assigned to another one");
        case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
        case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
          return absl::AbortedError(absl::StrCat("kafka: no longer elected to lead: ", rd_kafka_err2str(code)));
        default:
          return ToStatus(code, "cannot ask who is elected to lead",
                          absl::StrCat(rd_kafka_err2str(code), MissingRight(code, RightFor(code))));
      }
    }
    if (!keep_waiting()) return absl::CancelledError("kafka: gave up taking the lead");
  }
  return absl::UnavailableError("kafka: the group of command services does not answer");
}

}  // namespace roster::event_log::kafka
