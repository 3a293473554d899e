# Completion of mptcpscope in bash. mptcpscope itself says what may follow: mptcpscope __complete.
#
# SPDX-License-Identifier: GPL-2.0-or-later

_mptcpscope() {
    # bash takes words apart at "=" and ":". Put those together that have no blank between them.
    local -a words=()
    local i word before place=0 rest=$COMP_LINE current=${COMP_WORDS[COMP_CWORD]}
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        before=${rest%%"$word"*}
        if [ "$i" -eq "$COMP_CWORD" ] && ((${#COMP_LINE} - ${#rest} + ${#before} > COMP_POINT)); then
            place=${#words[@]} # a new word, before this one
            current=
            words+=('')
        fi
        if [ -z "$before" ] && [ -n "$word" ] && [ "$i" -gt 0 ]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        [ "$i" -eq "$COMP_CWORD" ] && [ "$place" -eq 0 ] && place=$((${#words[@]} - 1))
        rest=${rest#*"$word"}
    done
    [ "$current" = = ] && current=
    # What of the word bash does not replace: "--clock=" of "--clock=off".
    local kept=${words[place]%"$current"} candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        case $candidate in
        :files) compopt -o default ;;
        *)
            candidate=${candidate%%$'\t'*}
            COMPREPLY+=("${candidate#"$kept"}")
            ;;
        esac
    done < <("${words[0]/#\~/$HOME}" __complete $((place - 1)) "${words[@]:1}" 2>/dev/null)
}

complete -F _mptcpscope mptcpscope
