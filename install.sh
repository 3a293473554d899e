#!/bin/sh
# install.sh [--all] [--uninstall] [BUILD]: build the plugin and the command and install them, for
# yourself or, with --all, for all users; or remove what was installed so. BUILD is the directory of
# the build ("build" in this folder). With DESTDIR set, --all installs below it, as packages need.
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$here/build
prefix=$HOME/.local
plugin="plugin-user"
action=install
destdir=

usage() {
    sed -n '2,/^#$/s/^# \{0,1\}//p' "$0"
}

for argument; do
    case $argument in
    --all) prefix=/usr/local plugin=plugin destdir=${DESTDIR-} ;;
    --uninstall) action=uninstall ;;
    --help | -h) usage && exit 0 ;;
    -*) { echo "install.sh: there is no option $argument" && usage; } >&2 && exit 2 ;;
    *) build=$argument ;;
    esac
done
[ -n "$destdir" ] || unset DESTDIR # cmake --install reads it
# The files that were installed, one a line: what --uninstall removes.
list=$destdir$prefix/share/mptcpscope/installed-files

# Run a command that writes to the directories of all users.
as_installer() {
    if [ "$plugin" = plugin-user ] || [ -n "$destdir" ] || [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Is the file one of a profile that the user changed? The copy in share is on the list after it.
is_changed() {
    case $1 in
    */share/*) return 1 ;;
    */wireshark/profiles/*) ! cmp -s "$1" "$prefix/share/mptcpscope/profile/${1##*/wireshark/profiles/}" ;;
    *) return 1 ;;
    esac
}

# Remove the files on the list and the directories that are empty without them.
uninstall() {
    [ -e "$list" ] || return 0
    while IFS= read -r file; do
        is_changed "$file" && continue
        as_installer rm -f "$destdir$file"
        as_installer rmdir -p --ignore-fail-on-non-empty "$(dirname "$destdir$file")" 2>/dev/null || :
    done <"$list"
    as_installer rm -f "$list"
    as_installer rmdir -p --ignore-fail-on-non-empty "$(dirname "$list")" 2>/dev/null || :
}

# Print every copy of the plugin that Wireshark finds.
copies() {
    tshark -G folders 2>/dev/null | sed -n 's/^\(Personal\|Global\) Plugins:[[:space:]]*//p' |
        while IFS= read -r folder; do
            find "$folder" -name 'mptcpscope*.so' 2>/dev/null || :
        done
}

# Say what a user would otherwise wonder about.
hints() {
    if [ "$plugin" = plugin-user ]; then
        [ "$(id -u)" -ne 0 ] ||
            echo 'Wireshark ignores plugins in the home directory of root: use --all as root.'
    fi
    [ -n "$destdir" ] && return
    if [ "$(copies | wc -l)" -gt 1 ]; then
        echo 'Wireshark finds more than one copy of the plugin, and loads one of them. Remove the others:'
        copies | sed 's/^/    /'
    fi
    found=$(command -v mptcpscope || :)
    if [ -z "$found" ]; then
        echo "Your shell does not search $prefix/bin: add it to PATH."
    elif [ "$found" != "$prefix/bin/mptcpscope" ]; then
        echo "Your shell runs another copy of the command: $found"
    fi
}

if [ "$action" = uninstall ]; then
    [ -e "$list" ] || {
        echo "install.sh: there is no $list: nothing was installed with this script" >&2
        exit 1
    }
    uninstall
    echo 'Removed the plugin and the command.'
    exit 0
fi

"$here/.ci/install"
log=$(mktemp)
files=$(mktemp)
trap 'rm -f "$log" "$files"' EXIT
{ cmake -S "$here" -B "$build" -G Ninja && cmake --build "$build"; } >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
uninstall # an earlier version may have had other files
for component in "$plugin" command; do
    manifest=$build/install_manifest_$component.txt
    rm -f "$manifest" # another user's, perhaps
    as_installer cmake --install "$build" --component "$component" --prefix "$prefix" >"$log" 2>&1 || {
        cat "$log" >&2
        exit 1
    }
    awk 1 "$manifest" # its last line has no end
done >"$files"
as_installer install -D -m 644 "$files" "$list"
echo 'Installed:'
sed 's/^/    /' "$list"
hints
