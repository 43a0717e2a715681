#pragma once

// Included before everything else in a thread-sanitizer build. protobuf 3.21's map fields grow by two members where the
// sanitizer is on; Debian's libprotobuf is built without it, and would read and write past them. So its header is read
// as if the sanitizer were off, after the standard headers that must know that it is on.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <iosfwd>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#pragma push_macro("__SANITIZE_THREAD__")
#undef __SANITIZE_THREAD__
#include <google/protobuf/map_field.h>
#pragma pop_macro("__SANITIZE_THREAD__")
