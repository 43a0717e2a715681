#ifndef ROSTER_TESTS_FUZZ_IMPORT_INPUT_H_
#define ROSTER_TESTS_FUZZ_IMPORT_INPUT_H_

#include <string>

#include "clients/cli/import_rows.h"
#include "tests/fuzz/fuzz.h"

namespace roster::fuzz {

// Reads `text` to its end, or to the error that ends it.
void ReadAllRows(cli::ImportFormat format, const std::string& text);

// `text` must be one row, that of `request`.
void CheckOneRow(cli::ImportFormat format, const std::string& text, const v1::SignUpUserRequest& request);

// A request with fields that are UTF-8, but otherwise anything; its labels are at most "team", not empty.
v1::SignUpUserRequest SignUpOf(InputReader& reader);

}  // namespace roster::fuzz

#endif  // ROSTER_TESTS_FUZZ_IMPORT_INPUT_H_
