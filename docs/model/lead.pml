// How one command service at a time decides, on Kafka: lead, fence, append, an unknown outcome, settle it by the log.
//
// Who leads is assigned by a consumer group, which may be wrong, late, or assign two at once. So the model leaves the group
// out: every node may begin to lead whenever it likes, however many others do. What must hold, holds without the group.
//
//   request 0, 1   sign up, both with the same address
//   request 2      delete whoever has that address
//
// Each request has its own request_id and is sent SENDS times, to any node: also to another one while the first is still at
// it, and again after an unknown outcome. (scripts/model sends once: more takes more memory than a machine has.) A node takes what waits as a batch: decides it in order, each on the state that the one before
// leaves; appends the events in one transaction; where there are none proves its lead by one on the control topic; and only
// then answers, refusals too.
//
// Checked, by assertions:
//   A  in the committed log nobody signs up with an address that is taken, and no request has two events
//   B  an acknowledged request is in the committed log
//   C  what is refused was so at some moment between the call and its answer
//
// scripts/model checks this, and that each of these planted faults is found:
//   -DNO_PROOF    a batch of refusals only is answered without proving the lead
//   -DONE_FENCE   a new leader initialises only one of the two transactional ids
//   -DANY_ORDER   a new leader initialises both at the same time, so in any order, and decides at once
//   -DFOLD_FIRST  a new leader folds the log before it fences
//   -DNO_SETTLE   after an unknown outcome the leader goes on from what it last folded
//   -DEARLY       refusals are answered before the append of their batch
//
// Kafka, as far as it matters here: a transaction is one entry of the log, pending until its coordinator commits or aborts
// it. A transactional id belongs to who initialised it last; that also ends what was pending under the id. A commit by
// another is refused. Readers see committed entries only, and "the end" is a high watermark asked for beforehand, so a
// fold waits for what is pending below it: here, what is pending below the end is resolved by the fence, or read later.

#ifndef NODES
#define NODES 2
#endif
#ifndef LEADS
#define LEADS 2  // How often a node may begin to lead.
#endif
#ifndef SENDS
#define SENDS 2  // How often a request is sent.
#endif
#define REQUESTS 3
#define IDS 2
#define LOG 8  // Entries; a run that needs more ends there.

#define PENDING 1
#define COMMITTED 2
#define ABORTED 3

#define NOBODY 255

typedef Entry {
  byte events;  // The requests whose events it holds, a bit each; 0 for a proof of the lead.
  byte state;
  byte id;
};
Entry entries[LOG];
byte end = 0;

byte epoch[IDS];  // Of the coordinator.

// The call of request r at node n. free_seen and taken_seen: how the address stood at some moment since the call.
typedef Call {
  bool open[REQUESTS];
  bool free_seen[REQUESTS];
  bool taken_seen[REQUESTS];
};
Call call[NODES];
byte sends[REQUESTS];

// What the committed log says.
bool taken = false;
byte in_log = 0;

inline look() {
  // A call sees the state at its start and after each commit.
  for (i : 0 .. NODES - 1) {
    for (j : 0 .. REQUESTS - 1) {
      if
      :: call[i].open[j] && taken -> call[i].taken_seen[j] = true
      :: call[i].open[j] && !taken -> call[i].free_seen[j] = true
      :: else
      fi
    }
  }
  i = 0; j = 0
}

// One event of request r, on the state that the events before it leave (A).
inline apply_committed(r) {
  assert(!(in_log & (1 << r)));
  in_log = in_log | (1 << r);
  if
  :: r == 2 -> assert(taken); taken = false
  :: r != 2 -> assert(!taken); taken = true
  fi
}

inline commit_entry(e) {
  entries[e].state = COMMITTED;
  for (k : 0 .. REQUESTS - 1) {
    if
    :: entries[e].events & (1 << k) -> apply_committed(k); look()
    :: else
    fi
  }
  k = 0
}

// init_transactions: the id is this node's from now on, and what was pending under it is ended.
inline initialise(which) {
  epoch[which]++;
  mine[which] = epoch[which];
  for (e : 0 .. LOG - 1) {
    if
    :: entries[e].state == PENDING && entries[e].id == which -> entries[e].state = ABORTED
    :: else
    fi
  }
  e = 0
}

inline initialise_other(which) {
#ifdef ONE_FENCE
  mine[which] = epoch[which]
#else
  atomic { initialise(which) }
#endif
}

inline acknowledge(requests) {
  for (k : 0 .. REQUESTS - 1) {
    if
    :: requests & (1 << k) && call[n].open[k] -> assert(in_log & (1 << k)); call[n].open[k] = false
    :: else
    fi
  }
  k = 0
}

inline refuse(requests) {
  for (k : 0 .. REQUESTS - 1) {
    if
    :: requests & (1 << k) && call[n].open[k] ->
      if
      :: k == 2 -> assert(call[n].free_seen[k])
      :: else -> assert(call[n].taken_seen[k])
      fi;
      call[n].open[k] = false
    :: else
    fi
  }
  k = 0
}

active [REQUESTS] proctype Client() {
  byte r = _pid;
  byte n, i, j;
  do
  :: sends[r] < SENDS ->
    atomic {
      select(n : 0 .. NODES - 1);
      if
      :: !call[n].open[r] ->
        sends[r]++;
        call[n].open[r] = true;
        call[n].free_seen[r] = false;
        call[n].taken_seen[r] = false;
        look()
      :: else
      fi;
      n = 0
    }
  :: sends[r] == SENDS -> break
  od
}

active [NODES] proctype Node() {
  byte n = _pid - REQUESTS;
  byte leads = 0;
  byte mine[IDS];     // The epoch under which this node holds the id.
  byte turn = 0;
  bool model_taken;   // The write model: a fold of the log.
  byte model_log;
  bool batch_taken;   // The same after the batch.
  byte batch_log;
  byte events, oks, refusals, batch;
  byte at;
  byte i, j, k, e;
  bool fenced;

follow:
  if
  :: leads < LEADS -> leads++
  :: leads == LEADS -> goto done
  fi;

lead:
  turn = 0;
#ifdef FOLD_FIRST
  atomic { model_taken = taken; model_log = in_log }
#endif
  // One id after the other, always in this order, others in between. And the first append after that is under the first
  // id: so of two who lead at the same time, only whoever initialised the first id last can go on.
#ifdef ANY_ORDER
  if
  :: atomic { initialise(0) } initialise_other(1)
  :: atomic { initialise(1) } initialise_other(0)
  fi;
#else
  atomic { initialise(0) }
  initialise_other(1);
#endif
#ifndef ANY_ORDER
  // Tells everybody that it leads, under the first id; after that it is the other one's turn.
  atomic {
    if
    :: epoch[0] == mine[0] -> turn = 1
    :: else -> fenced = true
    fi
  }
  if
  :: fenced -> goto lost
  :: else
  fi;
#endif
#ifndef FOLD_FIRST
  atomic { model_taken = taken; model_log = in_log }
#endif
  // Settles what an unknown outcome left open: what the log holds of it is answered, the rest is decided anew, below.
  goto serve;

serve:
  if
  :: goto crash
  :: true ->
    // Takes what waits, and decides it.
    d_step {
      batch = 0; events = 0; oks = 0; refusals = 0;
      batch_taken = model_taken; batch_log = model_log;
      for (k : 0 .. REQUESTS - 1) {
        if
        :: call[n].open[k] ->
          batch = batch | (1 << k);
          if
          :: batch_log & (1 << k) -> oks = oks | (1 << k)  // A repeated request_id: the first answer.
          :: else ->
            if
            :: k == 2 && batch_taken ->
              events = events | (1 << k); oks = oks | (1 << k); batch_log = batch_log | (1 << k); batch_taken = false
            :: k != 2 && !batch_taken ->
              events = events | (1 << k); oks = oks | (1 << k); batch_log = batch_log | (1 << k); batch_taken = true
            :: else -> refusals = refusals | (1 << k)
            fi
          fi
        :: else
        fi
      }
      k = 0
    }
    if
    :: batch == 0 -> goto idle
    :: else
    fi
  fi;

#ifdef EARLY
  d_step { refuse(refusals); refusals = 0 }
#endif
#ifdef NO_PROOF
  if
  :: events == 0 -> goto answer_all
  :: else
  fi;
#endif

  // Produces, under the id whose turn it is.
  atomic {
    if
    :: end == LOG -> goto done
    :: else
    fi;
    fenced = epoch[turn] != mine[turn];
    if
    :: fenced
    :: else ->
      at = end;
      entries[at].events = events; entries[at].state = PENDING; entries[at].id = turn;
      end++
    fi
  }
  // Nothing is recorded. Whether it leads again or not, nothing is decided from the write model before it has.
  if
  :: fenced -> goto lost
  :: else
  fi;

  // Commits.
  atomic {
    if
    :: epoch[turn] != mine[turn] -> fenced = true
    :: epoch[turn] == mine[turn] -> commit_entry(at); fenced = false           // and hears of it
    :: epoch[turn] == mine[turn] -> commit_entry(at); fenced = true            // and does not
    :: epoch[turn] == mine[turn] -> fenced = true                              // the request itself is lost
    fi
  }
  if
  :: fenced -> goto lost
  :: else
  fi;
  d_step { model_taken = batch_taken; model_log = batch_log; turn = 1 - turn };

answer_all:
  atomic {
    acknowledge(oks); refuse(refusals);
    batch = 0; events = 0; oks = 0; refusals = 0; at = 0; batch_taken = false; batch_log = 0
  }
  goto serve;

lost:
  atomic { events = 0; oks = 0; refusals = 0; at = 0; batch_taken = false; batch_log = 0; fenced = false }
#ifdef NO_SETTLE
  batch = 0;
  goto serve;
#endif
  if
  // Still assigned: leads again, and settles.
  :: leads < LEADS -> leads++; batch = 0; goto lead
  // Not any more: OUTCOME_UNKNOWN for the batch.
  :: goto crash
  fi;

idle:
  // Nothing waits: until something does, or it stops.
  if
  :: call[n].open[0] || call[n].open[1] || call[n].open[2] -> goto serve
  :: goto crash
  fi;

crash:
  // Or it stops leading: either way its callers do not learn the outcome, and may ask again.
  atomic {
    for (k : 0 .. REQUESTS - 1) { call[n].open[k] = false }
    k = 0; batch = 0; events = 0; oks = 0; refusals = 0; at = 0; turn = 0; fenced = false;
    model_taken = false; model_log = 0; batch_taken = false; batch_log = 0
  }
  goto follow;

done:
  skip
}
