#!/usr/bin/env bash
# A container engine with an image of Lambda's Python runtime in it, for `sam local invoke`.
#
#   engine.sh look    prints what to export when an engine is at hand; otherwise says in one line why not, and fails
#   engine.sh start   the same, and on Debian as root installs and starts Docker's engine where there is none
#   engine.sh stop    ends the engine that `start` started
#
# Where an image registry can be reached the image is AWS's own. Elsewhere it is put together from this machine's Python
# and the Lambda runtime client of requirements/local.txt. An engine that is started here touches no firewall rules:
# its containers reach this host and nothing beyond.
set -euo pipefail
SELF=$(realpath "$0")
cd "$(dirname "$SELF")/../.."
HOME_DIR=${SAM_LOCAL_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/retrain-sam-local}
SOCKET=unix://$HOME_DIR/docker.sock
PREFIX=$(.venv/bin/python -c 'import sys; print(sys.base_prefix)')
VERSION=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
ARCH=$(uname -m | sed s/aarch64/arm64/)
IMAGE=public.ecr.aws/lambda/python:$VERSION-$ARCH

say() { echo "$*" >&2; }
give_up() { say "no container engine: $*"; exit 1; }
. tests/from_debian.sh

find_engine() { # the one that is there already, or the one that `start` started
  command -v docker >/dev/null || return 1
  docker info >/dev/null 2>&1 && return
  [ -S "$HOME_DIR/docker.sock" ] && DOCKER_HOST=$SOCKET docker info >/dev/null 2>&1 && export DOCKER_HOST=$SOCKET
}

install_engine() {
  command -v dockerd >/dev/null && command -v docker >/dev/null && return
  from_debian docker.io "Docker's engine" "install Docker"
}

start_engine() {
  [ "$(id -u)" = 0 ] || give_up "Docker does not run, and only root may start it"
  export DOCKER_HOST=$SOCKET
  setsid nohup dockerd -H "$SOCKET" --data-root "$HOME_DIR/data" --exec-root "$HOME_DIR/exec" --pidfile "$HOME_DIR/dockerd.pid" \
    --iptables=false --ip6tables=false --ip-masq=false >"$HOME_DIR/dockerd.log" 2>&1 </dev/null &
  local started=$!
  for _ in $(seq 120); do
    docker info >/dev/null 2>&1 && return
    kill -0 "$started" 2>/dev/null || break
    sleep 0.5
  done
  give_up "dockerd does not start: $(tail -n 1 "$HOME_DIR/dockerd.log")"
}

find_image() { docker image inspect "$IMAGE" >/dev/null 2>&1 || timeout 300 docker pull -q "$IMAGE" >/dev/null 2>&1; }

static_shell() { # busybox, in one file: the one of this machine, or Debian's
  local here
  here=$(type -P busybox || true)
  if [ -n "$here" ] && ! ldd "$here" >/dev/null 2>&1; then cp "$here" "$1"; return; fi
  (cd "$HOME_DIR" && rm -f busybox-static_*.deb && { apt-get download -q busybox-static || { apt-get update -q && apt-get download -q busybox-static; }; }) >/dev/null 2>&1
  dpkg-deb --fsys-tarfile "$HOME_DIR"/busybox-static_*.deb | tar -xO --wildcards '*/bin/busybox' >"$1"
}

put_together() { # a root file system as Lambda's: Python in /var/lang, the runtime client in /var/runtime
  local root=$HOME_DIR/rootfs lang=var/lang
  rm -rf "$root"
  mkdir -p "$root"/{bin,etc/ssl/certs,tmp,root,proc,sys,dev,opt,var/task,var/runtime,$lang/bin,$lang/lib}
  chmod 1777 "$root/tmp"
  static_shell "$root/bin/busybox"
  chmod 755 "$root/bin/busybox"
  for name in sh ls mv cp rm cat chmod mkdir ln env sleep ps id; do ln -s busybox "$root/bin/$name"; done
  cp -L "$PREFIX/bin/python$VERSION" "$root/$lang/bin/"
  ln -s "python$VERSION" "$root/$lang/bin/python3"
  cp -a "$PREFIX"/lib/libpython"$VERSION".so* "$root/$lang/lib/" 2>/dev/null || true
  tar -C "$PREFIX/lib" -c --exclude=__pycache__ --exclude="python$VERSION/site-packages" --exclude="python$VERSION/test" \
    --exclude="python$VERSION/idlelib" --exclude="python$VERSION/ensurepip" --exclude="python$VERSION/config-*" --exclude='_tkinter*' \
    "python$VERSION" | tar -C "$root/$lang/lib" -x
  sed -n 's/^\([A-Za-z0-9][^ ]*==[^ ]*\).*/\1/p' requirements/local.txt >"$HOME_DIR/constraints.txt"
  .venv/tools/bin/uv pip install -q --python .venv/bin/python --target "$root/var/runtime" -c "$HOME_DIR/constraints.txt" awslambdaric boto3
  { # what the interpreter and its modules are linked with, at the same paths
    find "$root/$lang" "$root/var/runtime" -type f \( -name '*.so*' -o -name "python$VERSION" \) -exec env LD_LIBRARY_PATH="$PREFIX/lib" ldd {} + 2>/dev/null | awk '/=> \//{print $3} /ld-linux/{print $1}' || true
    ls /lib/*-linux-gnu/{libnss_files.so.2,libnss_dns.so.2,libresolv.so.2,libstdc++.so.6,libgcc_s.so.1,libpthread.so.0,libdl.so.2,librt.so.1,libutil.so.1} 2>/dev/null || true
  } | sort -u | grep -v "^$PREFIX/lib/libpython" | while read -r library; do mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"; done
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  .venv/bin/python -m compileall -q -j2 -s "$root" "$root/$lang/lib/python$VERSION" "$root/var/runtime" >/dev/null 2>&1 || true
  cat >"$root/var/runtime/bootstrap" <<BOOTSTRAP
#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python$VERSION
export PYTHONPATH=/var/runtime\${PYTHONPATH:+:\$PYTHONPATH}
exec /var/lang/bin/python$VERSION -m awslambdaric "\$_HANDLER"
BOOTSTRAP
  chmod 755 "$root/var/runtime/bootstrap"
  local environment="LANG=C.UTF-8 PATH=/var/lang/bin:/bin:/opt/bin LD_LIBRARY_PATH=/var/lang/lib:/var/runtime:/var/task"
  environment+=" LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
  tar -C "$root" -c . | docker import -c 'WORKDIR /var/task' -c "ENV $environment" - "$IMAGE" >/dev/null
}

exports() {
  [ -z "${DOCKER_HOST:-}" ] || echo "export DOCKER_HOST=$DOCKER_HOST"
  echo "export SAM_LOCAL_ENGINE='$(docker version --format '{{.Server.Version}}')'"
}

mkdir -p "$HOME_DIR"
case ${1:-look} in
  look)
    find_engine || give_up "Docker does not answer; tests/e2e/engine.sh start starts one on Debian"
    find_image || give_up "$IMAGE is not here and cannot be pulled; tests/e2e/engine.sh start puts one together"
    exports ;;
  start)
    find_engine || { install_engine && start_engine; }
    find_image || { say "putting together $IMAGE from Python in $PREFIX" && "$SELF" image; } || give_up "$IMAGE cannot be put together"
    exports ;;
  image) put_together ;; # in a shell of its own, so that each failure counts
  stop)
    pid=$(cat "$HOME_DIR/dockerd.pid" 2>/dev/null || true)
    [ -z "$pid" ] || ! grep -q dockerd "/proc/$pid/comm" 2>/dev/null || kill "$pid" ;;
  *) give_up "engine.sh look | start | stop, not $1" ;;
esac
