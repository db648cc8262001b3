#!/usr/bin/env bash
# A browser for tests/integration/test_browser.py: Chromium.
#
#   chromium.sh look      prints its path when it is at hand; otherwise says in one line why not, and fails
#   chromium.sh install   the same, and on Debian as root installs it where there is none
set -euo pipefail

say() { echo "$*" >&2; }
give_up() { say "no browser: $*"; exit 1; }
find_browser() { type -P chromium || type -P chromium-browser || type -P google-chrome; }

. "$(dirname "$(realpath "$0")")/../from_debian.sh"

case ${1:-look} in
  look) find_browser || give_up "install Chromium, or let tests/integration/chromium.sh install do it on Debian" ;;
  install) find_browser || { from_debian chromium Chromium "install Chromium" && find_browser; } ;;
  *) give_up "chromium.sh look | install, not $1" ;;
esac
