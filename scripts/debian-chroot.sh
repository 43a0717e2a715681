# A minimal Debian in a folder, and commands run in it. Sourced after scripts/common.sh, from the repository's root.
# shellcheck shell=bash

# bookworm for 12, trixie for 13.
debian_suite() {
  case "$1" in
    12) echo bookworm ;;
    13) echo trixie ;;
    *) die "Debian 12 and 13 are known, not '$1'" ;;
  esac
}

need_chroot_tools() {
  [ "$(id -u)" = 0 ] || die "needs root"
  command -v debootstrap >/dev/null || die "debootstrap is missing; install it with: apt-get install debootstrap"
}

# A minimal system, made once for each release and kept packed.
make_base() {
  local suite=$1
  local base="$CACHE_DIR/fresh-debian/$suite.tar" work
  if [ ! -f "$base" ]; then
    say "making a minimal Debian ($suite) from $(debian_mirror)"
    mkdir -p "$(dirname "$base")"
    work=$(mktemp -d "$(dirname "$base")/$suite-XXXXXX")
    debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$work" "$(debian_mirror)" >"$base.log" 2>&1 ||
      { tail -n 20 "$base.log" >&2; die "debootstrap failed; its log is $base.log"; }
    rm -rf "$work"/var/cache/apt/archives/*.deb
    tar -C "$work" -cf "$base.part" .
    mv "$base.part" "$base"
    rm -rf "$work"
  fi
  printf '%s\n' "$base"
}

# What this machine needs to reach the network: name servers, apt's settings (a proxy, say), its own authorities.
copy_network_settings() {
  local root=$1 file
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  for file in /etc/apt/apt.conf.d/*; do
    if [ -f "$file" ] && grep -qi 'proxy\|Verify-Peer\|CaInfo' "$file"; then cp "$file" "$root/etc/apt/apt.conf.d/"; fi
  done
  if compgen -G '/usr/local/share/ca-certificates/*' >/dev/null; then
    cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
    chroot "$root" update-ca-certificates >/dev/null 2>&1
  fi
  if [ -f "$HOME/.m2/settings.xml" ]; then mkdir -p "$root/root/.m2" && cp "$HOME/.m2/settings.xml" "$root/root/.m2/"; fi
}

# make_chroot SUITE: prints the folder of a fresh one, which the caller removes.
make_chroot() {
  local suite=$1 base root
  base=$(make_base "$suite")
  root=$(mktemp -d "$CACHE_DIR/fresh-debian/run-$suite-XXXXXX")
  tar -C "$root" -xf "$base"
  copy_network_settings "$root"
  printf '%s\n' "$root"
}

# in_chroot ROOT [-m HOST_DIR=CHROOT_DIR]... [NAME=VALUE]... COMMAND...: in mount and process namespaces of its own, so that no mount
# and no process of it is left, however it ends. Nothing of the caller's environment goes in but what is named.
in_chroot() {
  local root=$1 mounts=''
  shift
  while [ "$1" = -m ]; do
    mkdir -p "${2%%=*}" "$root${2#*=}"
    mounts+="$2"$'\n'
    shift 2
  done
  # shellcheck disable=SC2016  # expanded by the inner shell
  MOUNTS=$mounts unshare --mount --pid --fork --kill-child bash -euc '
    root=$1; shift
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    while IFS="=" read -r from to; do
      if [ -n "$from" ]; then mount --bind "$from" "$root$to"; fi
    done <<<"$MOUNTS"
    exec env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      chroot "$root" env "$@"
  ' bash "$root" "$@"
}
