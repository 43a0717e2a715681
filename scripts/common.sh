# Shared by ./dev and the scripts. Sourced with the repository's root as the current folder.
# shellcheck shell=bash

# What takes long to download or to build is kept here.
export CACHE_DIR="${ROSTER_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/roster}"

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() { say "$@"; exit 1; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# The mirror this machine already uses for Debian's main archive.
debian_mirror() {
  apt-cache policy | sed -n 's/^ *[0-9]* \(https\?:[^ ]*\) [a-z]*\/main .*/\1/p' | grep -v security | head -n 1
}

install_dependencies() {
  if command -v apt-get >/dev/null; then
    scripts/install-dependencies "$@"
  else
    say "this is not Debian: what is needed must be there already (scripts/install-dependencies has the list)"
  fi
}

# With paths relative to the checkout in its keys, the compiler cache serves every checkout.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$PWD}" CCACHE_NOHASHDIR=1
export CMAKE_BUILD_PARALLEL_LEVEL="${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}"

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --preset "$preset" --log-level=WARNING >/dev/null
  cmake --build --preset "$preset" ${1:+--target "$@"}
}

# Debian 12 and 13 both have this version, beside their own default ones (14 and 19), which format differently.
CLANG_FORMAT=clang-format-19

# format CLANG-FORMAT-ARGUMENT...: over every C++ file that is tracked.
format() { git ls-files -z '*.cc' '*.h' | xargs -0 -r "$CLANG_FORMAT" "$@"; }

BUF_VERSION=1.75.0
BUF="$CACHE_DIR/buf-$BUF_VERSION/node_modules/.bin/buf"

install_buf() {
  [ -x "$BUF" ] && return
  mkdir -p "$CACHE_DIR/buf-$BUF_VERSION"
  npm install --loglevel=error --no-save --no-package-lock --prefix "$CACHE_DIR/buf-$BUF_VERSION" "@bufbuild/buf@$BUF_VERSION"
}
