#ifndef ROSTER_BENCH_FIGURES_FIGURES_H_
#define ROSTER_BENCH_FIGURES_FIGURES_H_

#include "absl/status/status.h"
#include "bench/stage.h"

// The figures, one a file of this folder. Each makes what it needs on the stage, measures, and adds to its figures.
namespace roster::bench {

// What the load generator can do: the same calls to a server in its own process, without a network, beside the empty
// RPC. Where the two are alike, the generator is the limit.
absl::Status MeasureLoadGenerator(Stage& stage);

// Users signed up a second through ImportUsers, once.
absl::Status MeasureImportUsers(Stage& stage);

// A projector that follows the log: how many events a second it folds of those who signed up, into an empty read model,
// from the start of its process on, beside raw inserts of the same rows; and of as many updates of users picked evenly,
// beside raw updates.
absl::Status MeasureProjectorSignUps(Stage& stage);
absl::Status MeasureProjectorUpdates(Stage& stage);

// roster-projector rebuild beside a live read model, from its call until the new one is in place, in events a second;
// beside a raw load of the same rows. Where the log holds updates too, they are not counted.
absl::Status MeasureRebuild(Stage& stage);

// GetUser by id, at 64 and 256 in flight, users picked evenly and by popularity, beside the empty RPC.
absl::Status MeasureGetUser(Stage& stage);

// p50 and p99 of 5,000 GetUser a second by popularity, and of 1,000 SignUpUser a second, each made at its time, beside
// empty calls by the same schedule.
absl::Status MeasureScheduledGets(Stage& stage);
absl::Status MeasureScheduledSignUps(Stage& stage);

// ListUsers of all users, in users a second, for a client that counts bytes beside a raw scan of the same rows and
// constant pages; for one that decodes them beside constant pages.
absl::Status MeasureListUsers(Stage& stage);

// How long after the answer to an update a read with its token is answered, 100 updates a second, beside the least that
// a log, a consumer and SQLite take.
absl::Status MeasureVisible(Stage& stage);

// settings.watchers watches and settings.changes_per_second updates: messages a second, how long after the decision
// they arrive, and what share of a core the query service takes.
absl::Status MeasureWatchUsers(Stage& stage);

// What the three services have allocated, under 64 updates and 64 reads in flight for `seconds` times `repeats`, beside
// the part of it that may be SQLite's cache; and by how much it grew in the second half.
absl::Status MeasureMemory(Stage& stage);

// What share of a core the three services take while nobody calls.
absl::Status MeasureIdle(Stage& stage);

// SignUpUser at 1, 64 and 256 in flight, beside the empty RPC and what the log itself can do.
absl::Status MeasureSignUpUser(Stage& stage);

// 600 callers who each create, update, lock (make inactive) and delete a user in turn, beside the empty RPC.
absl::Status MeasureCallers(Stage& stage);

// How long after its start a command service serves again, with all the users there are by then, beside one without
// users; after it was stopped, and after it was killed.
absl::Status MeasureRestart(Stage& stage);

// p50 and p99 of 100 SignUpUser and of 500 GetUser a second while hostile clients (tests/hostile) attack both services,
// beside the same without them; and what the services have allocated afterwards. Callers have tokens and limits
// (tests/support/guarded_roster.h).
absl::Status MeasureHostileClients(Stage& stage);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_FIGURES_FIGURES_H_
