# Sourced by what installs a part of Debian's for tests. It needs `say`, which tells people, and `give_up`, which ends with a line.

from_debian() { # PACKAGE, what it is, what a person may do where it cannot be installed here
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || give_up "$3"
  say "installing $2 from Debian"
  local said
  said=$({ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$1"; } 2>&1) ||
    give_up "Debian's $1 does not install: $(tail -n 1 <<<"$said")"
}
