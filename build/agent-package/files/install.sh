#!/bin/sh
# Installs drover-agent on a Linux with systemd but without dpkg: ./install.sh, ./install.sh --remove, or
# ./install.sh --purge, which also deletes its key and its record. DESTDIR puts it below another root.
set -eu
here="$(dirname "$(readlink -f "$0")")"
root="${DESTDIR:-}"
units='drover-agent-helper.socket drover-agent-installer.socket drover-agent.service'

is_live() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

case "${1:-}" in
  '')
    [ -n "$root" ] || [ "$(id -u)" = 0 ] || { echo 'install.sh: run it as root' >&2; exit 1; }
    mkdir -p "$root/etc/drover-agent" "$root/usr"
    # The configuration that is there is its owner's; the one that comes along lies beside it.
    if [ -e "$root/etc/drover-agent/agent.conf" ]; then cp "$here/etc/drover-agent/agent.conf" "$root/etc/drover-agent/agent.conf.new"
    else cp "$here/etc/drover-agent/agent.conf" "$root/etc/drover-agent/agent.conf"; fi
    # A running program cannot be overwritten, only replaced.
    cp -R --remove-destination "$here/usr/." "$root/usr/"
    if [ -z "$root" ]; then systemd-sysusers drover-agent.conf; fi
    if is_live; then
      systemctl daemon-reload
      systemctl enable $units
      systemctl restart $units
    fi
    echo 'Installed. Give it a connection string, then start it:'
    echo '  drover-agent provision --connection-string-file FILE && systemctl restart drover-agent'
    ;;
  --remove | --purge)
    if is_live; then systemctl disable --now $units || true; fi
    (cd "$here/usr" && find . ! -type d) | while read -r file; do rm -f "$root/usr/$file"; done
    rmdir "$root/usr/lib/drover-agent/update-modules" "$root/usr/lib/drover-agent" "$root/usr/share/doc/drover-agent" 2>/dev/null || true
    if [ "$1" = --purge ]; then rm -rf "$root/var/lib/drover-agent" "$root/var/lib/drover-agent-firmware" "$root/etc/drover-agent"; fi
    if is_live; then systemctl daemon-reload; fi
    ;;
  *)
    echo 'usage: install.sh [--remove | --purge]' >&2
    exit 2
    ;;
esac
