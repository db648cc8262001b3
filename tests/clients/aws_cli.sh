#!/usr/bin/env bash
# The AWS CLI in version 2, for tests/clients/test_cli_v2.py; what PyPI has is version 1.
#
#   aws_cli.sh look      prints its path when it is at hand; otherwise says in one line why not, and fails
#   aws_cli.sh install   the same, and on Debian as root installs it where there is none
set -euo pipefail

say() { echo "$*" >&2; }
give_up() { say "no AWS CLI v2: $*"; exit 1; }
. "$(dirname "$(realpath "$0")")/../from_debian.sh"

find_cli() {
  local one
  for one in $(type -aP aws) /usr/local/bin/aws /usr/bin/aws; do
    case $("$one" --version 2>/dev/null) in aws-cli/2.*) echo "$one"; return ;; esac
  done
  return 1
}

install_cli() { from_debian awscli "the AWS CLI v2" "install it from https://aws.amazon.com/cli/"; }

case ${1:-look} in
  look) find_cli || give_up "install it, or let tests/clients/aws_cli.sh install do it on Debian" ;;
  install) find_cli || { install_cli && { find_cli || give_up "Debian's is version 1"; }; } ;;
  *) give_up "aws_cli.sh look | install, not $1" ;;
esac
