# layers.sh: interfaces above those of the paths: bridges, VLANs and so on. `lab` reads this file.
#
# A host that has such an interface shows each segment twice, on it and on the one below.
#
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2153,SC2154 # the settings come from `lab` and network.sh

# interface END PATH: the interface with the address of the client (END c) or the server (s).
interface() { if [ -n "$LAYER" ]; then echo "$1u$2"; else echo "$1$2"; fi; }

# deaf NAMESPACE INTERFACE: the kernel drops what comes in there, after it was captured.
deaf() {
    ip netns exec "$1" nft -f - <<END || die "nft cannot drop"
table netdev deaf_$2 {
    chain deaf { type filter hook ingress device $2 priority 0; policy drop; }
}
END
}

# run_layer NAMESPACE KIND UPPER LOWER: an interface in user space (layer.py).
run_layer() {
    local ns=$1 kind=$2 upper=$3 lower=$4
    deaf "$ns" "$lower"
    ip netns exec "$ns" "$PYTHON" "$HERE/layer.py" "$kind" "$upper" "$lower" >"$WORK/$upper.ready" &
    PIDS+=($!)
    wait_until 10 "$upper" test -s "$WORK/$upper.ready"
}

# make_layer NAMESPACE END PATH HOST: the interface above that of a path, if there is one.
make_layer() {
    [ -n "$LAYER" ] || return 0
    local ns=$1 lower=$2$3 upper=$2u$3 i=$3 host=$4
    ip -n "$ns" link set "$lower" up
    case $LAYER in
    bridge)
        ip -n "$ns" link add "$upper" type bridge
        ip -n "$ns" link set "$lower" master "$upper"
        ip -n "$ns" link set "$upper" address "$(hardware "$i" "$host")"
        ;;
    macvlan) ip -n "$ns" link add link "$lower" name "$upper" type macvlan mode bridge ;;
    vxlan)
        ip -n "$ns" addr add "172.16.$i.$host/24" dev "$lower"
        ip -n "$ns" link add "$upper" type vxlan id "$i" dev "$lower" dstport 4789 \
            remote "172.16.$i.$((3 - host))"
        ;;
    vlan | bond) run_layer "$ns" "$LAYER" "$upper" "$lower" ;;
    *) die "no such LAYER: $LAYER" ;;
    esac
    ip -n "$ns" link set "$upper" mtu "$((MTU - 50))"
}

# Captures of each host on both interfaces of each path, and on "any".
capture_layers() {
    [ -n "$LAYER" ] || return 0
    local i client=() server=()
    for ((i = 1; i <= PATHS; i++)); do
        client+=("c$i" "cu$i") server+=("s$i" "su$i")
    done
    capture "$CLIENT" client-both "${client[@]}"
    capture "$SERVER" server-both "${server[@]}"
    capture "$CLIENT" client-any any
    capture "$SERVER" server-any any
}
