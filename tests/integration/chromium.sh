#!/usr/bin/env bash
# A browser for tests/integration/test_browser.py: Chromium.
#
#   chromium.sh look      prints its path when it is at hand; otherwise says in one line why not, and fails
#   chromium.sh install   the same, and on Debian as root installs it where there is none
set -euo pipefail

say() { echo "$*" >&2; }
give_up() { say "no browser: $*"; exit 1; }
find_browser() { type -P chromium || type -P chromium-browser || type -P google-chrome; }

install_browser() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || give_up "install Chromium"
  say "installing Chromium from Debian"
  local said
  said=$({ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium; } 2>&1) ||
    give_up "Debian's chromium does not install: $(tail -n 1 <<<"$said")"
}

case ${1:-look} in
  look) find_browser || give_up "install Chromium, or let tests/integration/chromium.sh install do it on Debian" ;;
  install) find_browser || { install_browser && find_browser; } ;;
  *) give_up "chromium.sh look | install, not $1" ;;
esac
