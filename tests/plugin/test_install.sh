#!/bin/bash
# test_install.sh BUILD: install.sh installs what works, notices other copies, and removes all of it.
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -u

build=${1:?usage: test_install.sh BUILD}
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home
mkdir "$HOME"
touch "$HOME/mine"
version=$(tshark --version 2> /dev/null | sed -n 's/.* \([0-9]*\.[0-9]*\)\.[0-9].*/\1/p' | head -n 1)
other=$work/plugins/$version/epan
mkdir -p "$other"
export WIRESHARK_PLUGIN_DIR=$work/plugins
as_user=
[ "$(id -u)" = 0 ] && as_user='runuser -u nobody --' # Wireshark ignores the plugins of root

status=0
fail() {
    echo "FAIL: $*"
    status=1
}

run() { # STATUS ARGUMENT...
    "$root/install.sh" "${@:2}" > "$work/out" 2>&1
    local was=$?
    [ $was = "$1" ] || { fail "install.sh ${*:2}: exit status $was" && cat "$work/out"; }
}

says() {
    grep -q -- "$1" "$work/out" || { fail "does not say '$1'" && cat "$work/out"; }
}

# tshark ARGUMENT...: as the user of $HOME
tshark_of_user() {
    chmod -R a+rX "$work"
    $as_user env HOME="$HOME" WIRESHARK_PLUGIN_DIR="$WIRESHARK_PLUGIN_DIR" tshark "$@" 2>&1
}

run 1 --uninstall
says 'nothing was installed'
run 2 --everywhere
says 'no option --everywhere'

# For one user: tshark finds the plugin; the command and its module for libwiretap work.
run 0 "$build"
says "$HOME/.local/bin/mptcpscope"
says 'add it to PATH'
tshark_of_user -G plugins | grep -q "$HOME/.local/.*/mptcpscope.so" || fail 'tshark lacks the plugin'
"$HOME/.local/bin/mptcpscope" report connections "$root/tests/cases/interfaces-link-types.pcapng" |
    grep -q 10100 || fail 'the installed command does not read through libwiretap'

if command -v scdoc > /dev/null; then
    for page in man1/mptcpscope.1 man1/mptcpscope-report.1 man5/mptcpscope-dump.5 man7/mptcpscope-plugin.7; do
        [ -s "$HOME/.local/share/man/$page" ] || fail "no man page $page"
    done
fi

for file in bash-completion/completions/mptcpscope zsh/site-functions/_mptcpscope; do
    [ -s "$HOME/.local/share/$file" ] || fail "no completion $file"
done

# Another copy is noticed, when it is installed and when Wireshark starts.
mine=$HOME/.local/lib/wireshark/plugins/$version/epan
for copy in "$mine/mptcpscope-old.so" "$other/mptcpscope.so"; do
    cp "$build/plugin/mptcpscope.so" "$copy"
    if [ "$(dirname "$copy")" = "$mine" ]; then # root's tshark takes no other directory of plugins
        run 0 "$build"
        says 'more than one copy'
        says "$copy"
    fi
    tshark_of_user -G plugins > "$work/out"
    says 'multiple directories\|is a second copy of the plugin'
    grep -q 'Dissector bug' "$work/out" && fail 'a second copy ends tshark'
    rm "$copy"
done

run 0 --uninstall
[ "$(find "$HOME" -type f)" = "$HOME/mine" ] || fail "left: $(find "$HOME" -type f)"
[ -e "$HOME/.local" ] && fail 'left an empty .local'

# For all users, below DESTDIR as packages do.
export DESTDIR=$work/root
run 0 --all "$build"
says /usr/local/bin/mptcpscope
[ -x "$DESTDIR/usr/local/bin/mptcpscope" ] || fail 'no command'
find "$DESTDIR" -name mptcpscope.so | grep -q "/wireshark/plugins/$version/epan/" || fail 'no plugin'
run 0 --all --uninstall
[ -z "$(find "$work/root" -type f 2> /dev/null)" ] || fail "left: $(find "$work/root" -type f)"

exit $status
