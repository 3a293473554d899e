# network.sh: the namespaces, links and addresses of the lab. `lab` reads this file.
#
#   client c1 --- a1 router b1 --- s1 server                    an emulator for each path
#   client c1 --- a1 router b1 --- n1 gateway m1 --- s1 server  GATEWAY=1: an IP router, too
#   client c1 --- s1 server                                     DIRECT=1
#
# With SWITCH=1 the gateway is a bridge. With LAYER=KIND the hosts' addresses are on interfaces above
# c1 and s1: cu1 and su1 (layers.sh).
#
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # the settings come from `lab`

# Prefixes that run a command in a namespace. They are not functions because, for a command in the
# background, $! must be the command itself and not a shell that waits for it.
name_namespaces() {
    CLIENT=mptcplab-$$-client ROUTER=mptcplab-$$-router SERVER=mptcplab-$$-server
    GATEWAY_NS=mptcplab-$$-gateway
    IN_CLIENT=(ip netns exec "$CLIENT")
    IN_ROUTER=(ip netns exec "$ROUTER")
    IN_GATEWAY=(ip netns exec "$GATEWAY_NS")
    IN_SERVER=(ip netns exec "$SERVER")
}

# subnet PATH HOST: the beginning of the addresses on the link of host 1 (client) or 2 (server). A
# gateway has another subnet on each side.
subnet() {
    local side=$((GATEWAY * !SWITCH * ($2 == 2)))
    if [ "$IPV6" = 1 ]; then echo "fd0$side:$1::"; else echo "10.$side.$1."; fi
}

# address PATH HOST: the address of host 1 (client) or 2 (server) on a path.
address() { echo "$(subnet "$1" "$2")$2"; }

prefix_length() { if [ "$IPV6" = 1 ]; then echo 64; else echo 24; fi; }

# add_address NAMESPACE INTERFACE ADDRESS
add_address() {
    local nodad=()
    [ "$IPV6" = 0 ] || nodad=(nodad)
    ip -n "$1" addr add "$3/$(prefix_length)" dev "$2" "${nodad[@]}"
    ip -n "$1" link set "$2" up
}

# Hardware addresses are fixed and locally administered. truth.py relies on their last byte.
hardware() { printf '02:00:00:00:%02x:%02x' "$1" "$2"; }

make_namespaces() {
    local ns
    for ns in "$CLIENT" "$ROUTER" "$SERVER" "$GATEWAY_NS"; do
        ip netns add "$ns"
        ip -n "$ns" link set lo up
    done
    for ns in "$CLIENT" "$SERVER"; do
        ip netns exec "$ns" sysctl -qw "net.mptcp.checksum_enabled=$CHECKSUM"
        ip -n "$ns" mptcp limits set subflow 8 add_addr_accepted 8
    done
    [ "$REJECT" = 0 ] || ip -n "$SERVER" mptcp limits set subflow 0 add_addr_accepted 0
    [ "$DENY_JOIN" = 0 ] ||
        "${IN_SERVER[@]}" sysctl -qw net.mptcp.allow_join_initial_addr_port=0
    [ "$COOKIES" = 0 ] || "${IN_SERVER[@]}" sysctl -qw net.ipv4.tcp_syncookies=2
    if [ "$FAST_OPEN" = 1 ]; then # without cookies, for every listener (ip-sysctl.rst)
        "${IN_CLIENT[@]}" sysctl -qw net.ipv4.tcp_fastopen=0x5
        "${IN_SERVER[@]}" sysctl -qw net.ipv4.tcp_fastopen=0x602
    fi
    [ -z "$GIVE_UP" ] ||
        "${IN_CLIENT[@]}" sysctl -qw "net.mptcp.syn_retrans_before_tcp_fallback=$GIVE_UP"
    # The router has no addresses. It only forwards frames.
    "${IN_ROUTER[@]}" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    if [ "$IPV6" = 0 ]; then
        for ns in "$CLIENT" "$SERVER" "$GATEWAY_NS"; do
            ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
                net.ipv6.conf.default.disable_ipv6=1
        done
    fi
}

# offload NAMESPACE INTERFACE TSO GRO: with TSO off, captured and forwarded frames are as on a wire,
# with complete checksums.
offload() {
    local tso=off gro=off
    [ "$3" = 0 ] || tso=on
    [ "$4" = 0 ] || gro=on
    ip netns exec "$1" ethtool -K "$2" tx "$tso" tso "$tso" gso "$tso" gro "$gro" >/dev/null 2>&1 ||
        die "ethtool cannot set the offloads of $2"
}

# wait_to_merge NAMESPACE INTERFACE: the emulator sends one frame at a time. GRO merges frames only
# if it waits for more.
wait_to_merge() {
    # shellcheck disable=SC2016 # the other shell expands it
    ip netns exec "$1" sh -c 'echo "$2" >"/sys/class/net/$1/gro_flush_timeout"' - "$2" \
        "$((GRO_TIMEOUT * 1000))"
}

# The links of a path, from the client to the server.
make_links() {
    local i=$1 end
    if [ "$DIRECT" = 1 ]; then
        ip link add name "c$i" netns "$CLIENT" type veth peer name "s$i" netns "$SERVER"
        return
    fi
    ip link add name "c$i" netns "$CLIENT" type veth peer name "a$i" netns "$ROUTER"
    if [ "$GATEWAY" = 1 ]; then
        ip link add name "n$i" netns "$GATEWAY_NS" type veth peer name "b$i" netns "$ROUTER"
        ip link add name "s$i" netns "$SERVER" type veth peer name "m$i" netns "$GATEWAY_NS"
        for end in n m; do
            offload "$GATEWAY_NS" "$end$i" 0 0
            ip -n "$GATEWAY_NS" link set "$end$i" mtu "$MTU"
        done
    else
        ip link add name "s$i" netns "$SERVER" type veth peer name "b$i" netns "$ROUTER"
    fi
    for end in a b; do
        offload "$ROUTER" "$end$i" 0 0
        ip -n "$ROUTER" link set "$end$i" mtu "$MTU" up
    done
}

make_path() {
    local i=$1
    make_links "$i"
    ip -n "$CLIENT" link set "c$i" address "$(hardware "$i" 1)" mtu "$MTU"
    ip -n "$SERVER" link set "s$i" address "$(hardware "$i" 2)" mtu "$MTU"
    offload "$CLIENT" "c$i" "$CLIENT_TSO" "$CLIENT_GRO"
    offload "$SERVER" "s$i" "$SERVER_TSO" "$SERVER_GRO"
    if [ "$DIRECT" = 0 ]; then
        [ "$CLIENT_GRO" = 0 ] || wait_to_merge "$CLIENT" "c$i"
        [ "$SERVER_GRO" = 0 ] || wait_to_merge "$SERVER" "s$i"
    fi
    make_layer "$CLIENT" c "$i" 1
    make_layer "$SERVER" s "$i" 2
    add_address "$CLIENT" "$(interface c "$i")" "$(address "$i" 1)"
    add_address "$SERVER" "$(interface s "$i")" "$(address "$i" 2)"
    if [ "$SWITCH" = 1 ]; then
        switch_path "$i"
    elif [ "$GATEWAY" = 1 ]; then
        route_path "$i"
    elif [ "$IPV6" = 0 ]; then
        # The translated address of the client (mangle.h). Nobody answers ARP for it.
        ip -n "$SERVER" neigh replace "$(subnet "$i" 2)77" lladdr "$(hardware "$i" 1)" \
            dev "$(interface s "$i")" nud permanent
    fi
}

# --- The gateway ---------------------------------------------------------------------------------

# route_path PATH: the gateway's addresses on a path, and the routes of the hosts through it.
route_path() {
    local i=$1 length
    length=$(prefix_length)
    add_address "$GATEWAY_NS" "n$i" "$(subnet "$i" 1)99"
    add_address "$GATEWAY_NS" "m$i" "$(subnet "$i" 2)99"
    ip -n "$CLIENT" route add "$(subnet "$i" 2)0/$length" via "$(subnet "$i" 1)99"
    ip -n "$SERVER" route add "$(subnet "$i" 1)0/$length" via "$(subnet "$i" 2)99"
}

# switch_path PATH: the gateway is a bridge on this path.
switch_path() {
    local i=$1 end
    ip -n "$GATEWAY_NS" link add "br$i" type bridge
    for end in "n$i" "m$i"; do
        ip -n "$GATEWAY_NS" link set "$end" master "br$i" up
    done
    ip -n "$GATEWAY_NS" link set "br$i" up
}

start_gateway() {
    [ "$GATEWAY$SWITCH" = 10 ] || return 0
    if [ "$IPV6" = 1 ]; then
        "${IN_GATEWAY[@]}" sysctl -qw net.ipv6.conf.all.forwarding=1
    else
        "${IN_GATEWAY[@]}" sysctl -qw net.ipv4.ip_forward=1
    fi
    [ -z "$UNREACHABLE" ] ||
        ip -n "$GATEWAY_NS" route add unreachable "$(address "$UNREACHABLE" 2)"
    [ "$MASQUERADE" = 0 ] || "${IN_GATEWAY[@]}" nft -f - <<'END' || die "nft cannot masquerade"
table inet nat {
    chain leaving {
        type nat hook postrouting priority srcnat
        oifname "m*" masquerade random
    }
}
END
}

# --- Addresses that the hosts announce -----------------------------------------------------------

make_endpoints() {
    local i flags
    for ((i = 2; i <= PATHS; i++)); do
        flags=(signal)
        [ "$BACKUP" = 0 ] || flags+=(backup)
        ip -n "$SERVER" mptcp endpoint add "$(address "$i" 2)" dev "$(interface s "$i")" id "$i" \
            ${ADDR_PORT:+port "$ADDR_PORT"} "${flags[@]}"
        [ "$FULLMESH" = 0 ] ||
            ip -n "$CLIENT" mptcp endpoint add "$(address "$i" 1)" dev "$(interface c "$i")" \
                id "$i" subflow fullmesh
    done
}
