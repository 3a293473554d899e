#!/bin/bash
# test_window.sh: the plugin in Wireshark's window, under Xvfb.
#
# usage: test_window.sh BUILD_DIR [PICTURE_DIR]
#
# Opens the table of connections with -z and then through the menu Statistics → MPTCP. Passes if
# the windows appear. Needs wireshark, xvfb and xdotool. With PICTURE_DIR it also takes a picture of
# each window, which needs imagemagick. Wireshark ignores a plugin directory when root runs it, so
# root runs it as nobody.
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -u

build=${1:?usage: test_window.sh BUILD_DIR [PICTURE_DIR]}
pictures=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
capture=${MPTCPSCOPE_CAPTURES:-$here/../../captures}/many/client.pcapng
title="MPTCP Connections"

for program in wireshark Xvfb xdotool; do
    command -v "$program" > /dev/null || { echo "SKIP: no $program"; exit 77; }
done

home=$(mktemp -d)
plugin=$(find "$build" -name mptcpscope.so | head -n 1)
version=$(wireshark --version 2> /dev/null | sed -n 's/^Wireshark \([0-9]*\.[0-9]*\).*/\1/p')
mkdir -p "$home/plugins/$version/epan" "$home/run"
cp "$plugin" "$home/plugins/$version/epan/"
chmod -R a+rwX "$home"
as_user=()
if [ "$(id -u)" = 0 ]; then
    as_user=(runuser -u nobody --)
    chown -R nobody "$home"
fi
chmod 700 "$home/run"

exec 3< <(exec Xvfb -displayfd 1 -screen 0 1500x900x24 -nolisten tcp 2> /dev/null)
xvfb=$!
read -r number <&3
export DISPLAY=:$number
wireshark=

finish() {
    [ -n "$wireshark" ] && kill "$wireshark" 2> /dev/null
    kill "$xvfb" 2> /dev/null
    wait 2> /dev/null
    rm -rf "$home"
}
trap finish EXIT

fail() {
    echo "FAIL: $*"
    cat "$home/log"
    exit 1
}

# start ARGUMENT...: start Wireshark on the capture
start() {
    "${as_user[@]}" env HOME="$home" XDG_RUNTIME_DIR="$home/run" QT_QPA_PLATFORM=xcb \
        WIRESHARK_PLUGIN_DIR="$home/plugins" \
        wireshark -o gui.update.enabled:FALSE -o gui.ask_unsaved:FALSE -n -r "$capture" "$@" \
        > "$home/log" 2>&1 &
    wireshark=$!
}

stop() {
    kill "$wireshark" 2> /dev/null
    wait "$wireshark" 2> /dev/null
    wireshark=
}

# window NAME: wait for a window with NAME in its title and print its id
window() {
    local id
    for _ in $(seq 100); do
        id=$(xdotool search --onlyvisible --name "$1" 2> /dev/null | head -n 1)
        [ -n "$id" ] && { echo "$id"; return; }
        sleep 0.2
    done
    return 1
}

# picture NAME: take a picture of the whole screen
picture() {
    [ -z "$pictures" ] && return
    mkdir -p "$pictures"
    import -window root "$pictures/$1.png"
}

echo "== -z mptcpscope,connections"
start -z mptcpscope,connections
window "$title" > /dev/null || fail "no window \"$title\" with -z"
sleep 2
picture table
stop

echo "== -z mptcp,subflows with a filter"
start -z "mptcp,subflows,connection=2,frame.number < 1000"
window "MPTCP Subflows" > /dev/null || fail "no window \"MPTCP Subflows\" with -z"
sleep 2
picture subflows
stop

echo "== A filter by a field that needs a second pass"
start -g 96
main=$(window "$(basename "$capture")") || fail "the main window did not appear"
sleep 2
xdotool windowfocus --sync "$main" 2> /dev/null
picture fields
xdotool key --window "$main" ctrl+slash
xdotool type --window "$main" mptcpscope.reinjected_in
xdotool key --window "$main" Return
sleep 2
picture filter
kill -0 "$wireshark" 2> /dev/null || fail "Wireshark ended"
stop

echo "== Statistics → MPTCP → Connections"
start
main=$(window "$(basename "$capture")") || fail "the main window did not appear"
sleep 2
xdotool windowfocus --sync "$main" 2> /dev/null
# The submenu is the last entry of the menu Statistics: go up from the top, enter it, and take its
# first entry.
xdotool key --window "$main" alt+s
sleep 1
xdotool key Up
sleep 0.5
picture menu
xdotool key Right
sleep 0.5
picture submenu
xdotool key Return
window "$title" > /dev/null || fail "no window \"$title\" through the menu"
sleep 2
picture menu-table

echo "== Reload, close the capture"
for key in ctrl+r ctrl+shift+l ctrl+w; do
    xdotool windowfocus --sync "$main" 2> /dev/null
    xdotool key --window "$main" "$key"
    sleep 2
    picture "$key"
    kill -0 "$wireshark" 2> /dev/null || fail "Wireshark ended at $key"
done
echo "ok"
