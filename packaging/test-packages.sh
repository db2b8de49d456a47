#!/bin/sh
# Debian packages that the tests need: a panel on a virtual screen, a browser, a spreadsheet (270 MB, 20 s), and what
# looks at them; and those that the arguments name.
# Installs what is missing where it may (root), and else says what to install.
set -eu

packages="xvfb openbox xfce4-panel dunst dbus dbus-bin python3-gi imagemagick xdotool x11-utils adwaita-icon-theme
  fonts-dejavu-core chromium libreoffice-calc-nogui gcc libc6-dev git $*"

command -v dpkg-query >/dev/null || { echo "Not a Debian system: tests that need a panel or a browser are skipped." >&2; exit 0; }
# Not needed, and large: the Windows hook is tried under it where it can be had.
wished="wine64"
missing=""
for package in $packages; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "Missing for the full tests (they are skipped without):$missing" >&2
  echo "Install them with: sudo apt-get install --no-install-recommends$missing" >&2
  exit 0
fi
echo "Installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # words on purpose
apt-get install -y -qq --no-install-recommends $missing >/dev/null
# shellcheck disable=SC2086  # words on purpose
apt-get install -y -qq --no-install-recommends $wished >/dev/null ||
  echo "Not installed: $wished; the tests that need it are skipped." >&2
