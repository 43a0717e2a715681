#ifndef ROSTER_BENCH_LOAD_PEOPLE_H_
#define ROSTER_BENCH_LOAD_PEOPLE_H_

#include <cstdint>
#include <string>

namespace roster::bench {

// Made-up people with names and addresses as long as real ones: addresses of 20 to 51 bytes, 34 on average, names of 5
// to 24. The same number gives the same person, in any process; no two numbers share an address.
std::string EmailOf(int64_t person);
std::string DisplayNameOf(int64_t person);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_PEOPLE_H_
