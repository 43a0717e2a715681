#include "bench/load/people.h"

#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace roster::bench {
namespace {

constexpr const char* kFirstNames[] = {
    "Ada",         "Alexandra", "Amir",    "Ana",  "Benjamin",  "Bo",         "Camila", "Chen",
    "Christopher", "Dimitra",   "Eleanor", "Emil", "Fatima",    "Gabriel",    "Hana",   "Ingrid",
    "Ivan",        "Jo",        "Kofi",    "Li",   "Maria",     "Maximilian", "Mei",    "Mohammed",
    "Noor",        "Oluwaseun", "Priya",   "Rosa", "Sebastian", "Tom",        "Ursula", "Yusuf"};
constexpr const char* kLastNames[] = {
    "Abdullahi", "Andersson", "Bauer",        "Cohen", "Diaz",     "Fernandez", "Garcia",    "Hoffmann",
    "Ito",       "Ivanova",   "Johnson",      "Kaya",  "Kim",      "Kowalczyk", "Le",        "Mueller",
    "Nguyen",    "Okonkwo",   "Papadopoulos", "Patel", "Ramirez",  "Rossi",     "Schneider", "Silva",
    "Smith",     "Suzuki",    "Van der Berg", "Wang",  "Williams", "Wu",        "Yamamoto"};
constexpr const char* kDomains[] = {"example.com",          "example.org",  "mail.example.com", "corp.example.net",
                                    "students.example.edu", "home.example", "web.example.org"};

// Spreads neighbouring numbers over all names: a run of sign-ups must not come in the order of the e-mail index.
uint64_t Mix(int64_t person) {
  uint64_t x = static_cast<uint64_t>(person) + 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

const char* FirstName(uint64_t mix) { return kFirstNames[mix % std::size(kFirstNames)]; }
const char* LastName(uint64_t mix) { return kLastNames[(mix >> 16) % std::size(kLastNames)]; }
const char* Domain(uint64_t mix) { return kDomains[(mix >> 32) % std::size(kDomains)]; }

std::string WithoutBlanks(std::string name) {
  absl::AsciiStrToLower(&name);
  std::string joined;
  for (const char c : name) {
    if (c != ' ') joined += c;
  }
  return joined;
}

}  // namespace

std::string EmailOf(int64_t person) {
  const uint64_t mix = Mix(person);
  return absl::StrCat(WithoutBlanks(FirstName(mix)), ".", WithoutBlanks(LastName(mix)), person, "@", Domain(mix));
}

std::string DisplayNameOf(int64_t person) {
  const uint64_t mix = Mix(person);
  return absl::StrCat(FirstName(mix), " ", LastName(mix));
}

}  // namespace roster::bench
