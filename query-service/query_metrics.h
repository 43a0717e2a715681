#ifndef ROSTER_QUERY_SERVICE_QUERY_METRICS_H_
#define ROSTER_QUERY_SERVICE_QUERY_METRICS_H_

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "metrics/registry.h"
#include "query-service/worker.h"
#include "read-model/reader.h"

namespace roster::query_service {

// Shows an operator what the query service is busy with, and what is in the read model, which it looks at whenever
// metrics are collected. docs/metrics.md says what each metric means.
//
// Thread safety: safe from any thread.
class QueryMetrics {
 public:
  // All must outlive it. It must outlive whoever collects from `registry`.
  QueryMetrics(metrics::Registry& registry, const ServiceState& state, const read_model::Folder& folder);

 private:
  using Readings = std::vector<metrics::Registry::Reading>;
  // What `read` finds in the present snapshot; nothing where there is none.
  Readings Read(absl::FunctionRef<Readings(read_model::Snapshot&)> read);

  absl::Mutex mutex_;
  read_model::Reader reader_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_QUERY_METRICS_H_
