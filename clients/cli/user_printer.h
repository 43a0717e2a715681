#ifndef ROSTER_CLIENTS_CLI_USER_PRINTER_H_
#define ROSTER_CLIENTS_CLI_USER_PRINTER_H_

#include <memory>
#include <ostream>
#include <vector>

#include "clients/cli/session.h"
#include "roster/v1/user.pb.h"

namespace roster::cli {

// Prints users as they come, in one format. Holds at most the first page, whatever the number of users.
//
// Thread safety: none.
class UserPrinter {
 public:
  virtual ~UserPrinter() = default;
  virtual void Print(const v1::User& user) = 0;
  // The present page is at its end: what was printed should be seen now.
  virtual void EndOfPage() {}
  // To be called once, after the last user.
  virtual void Finish() {}
};

// To `out`, which must outlive it. On a terminal CSV is made printable; else its values are written as they are.
// A table takes its columns' widths from the first page; later values that are wider push their row to the right, but
// on a terminal names and labels are cut. CSV has the columns that `rosterctl import` reads. JSON is one user a line.
std::unique_ptr<UserPrinter> MakeUserPrinter(OutputFormat format, std::ostream& out, bool out_is_terminal);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_USER_PRINTER_H_
