/* fuzz_traffic.c: reads an input as a script of MPTCP traffic, so that even random bytes open
 * connections, join subflows, and send data in and out of order.
 *
 * A step is an operation and its operands, a byte each; the last bytes of an input may be missing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../unit/packets.h"
#include "oracles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    CONNECTIONS = 3,
    SUBFLOWS = 4, /* of a connection; the first one is the initial one */
    MILLISECOND = 1000000,
    ICMP_BITS = 0x78, /* of an operation */
};

typedef struct {
    wire wire;
    uint32_t next[2]; /* relative sequence number of the next new byte */
} subflow;

typedef struct {
    uint64_t key[2], idsn[2];
    uint64_t next[2]; /* relative data sequence number of the next new byte */
    subflow subflows[SUBFLOWS];
} connection;

typedef struct {
    const uint8_t *at, *end; /* what remains of the script */
    connection connections[CONNECTIONS];
    connection *connection; /* of this step */
    subflow *subflow;
    unsigned index; /* of the subflow */
    unsigned from;  /* FROM_OPENER or FROM_PEER */
    GPtrArray *segments;
    packet last;
    bool has_last;
    int64_t time; /* ns */
} script;

static uint8_t take(script *s)
{
    return s->at < s->end ? *s->at++ : 0;
}

static void send_packet(script *s, const packet *p)
{
    mps_segment segment;
    packet_parse(p, &segment);
    segment.frame = s->segments->len + 1;
    segment.time = s->time;
    segments_add(s->segments, &segment);
    s->last = *p;
    s->has_last = true;
    s->time += MILLISECOND;
}

/* SYN, SYN/ACK and ACK. @param shown  a bit for each: whether the capture has it */
static void open_subflow(script *s, uint8_t shown, uint8_t version)
{
    const connection *c = s->connection;
    const wire *w = &s->subflow->wire;
    packet handshake[] = {packet_new(w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0),
                          packet_new(w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0),
                          packet_new(w, FROM_OPENER, 0, 1, 1, 0)};
    if (s->index == 0) {
        const unsigned first = version == 0;
        packet_capable(&handshake[0], version, 1, first, c->key[0], 0);
        packet_capable(&handshake[1], version, 1, 1, c->key[1], 0);
        packet_capable(&handshake[2], version, 1, 2, c->key[0], c->key[1]);
    } else {
        const uint32_t nonce = s->index;
        packet_join_syn(&handshake[0], shown & 0x10, (uint8_t)s->index,
                        token_of(c->key[1], version), nonce);
        packet_join_synack(&handshake[1], false, (uint8_t)s->index, nonce);
        packet_join_ack(&handshake[2]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(handshake); i++)
        if (!(shown >> i & 1))
            send_packet(s, &handshake[i]);
}

/* The sender of this step as a direction of the connection: all subflows are opened by its client.
 */
static void send_data(script *s, uint8_t how)
{
    const unsigned from = s->from;
    const uint32_t length = (uint32_t)take(s) * 8 + 1;
    const uint32_t back = how & 0x01 ? (uint32_t)take(s) * 4 : 0;
    const uint32_t data_back = how & 0x02 ? (uint32_t)take(s) * 4 : 0;
    const uint32_t ahead = how & 0x04 ? take(s) : 0;
    uint32_t *next = &s->subflow->next[from];
    uint64_t *data_next = &s->connection->next[from];
    const uint32_t seq = *next - back + ahead;
    const uint64_t dsn = *data_next - data_back + ahead;
    packet p = packet_new(&s->subflow->wire, from, 0, seq, 1, length);
    if (!(how & 0x08)) {
        const dss d = {.has_map = true,
                       .dsn_is_32 = how & 0x10,
                       .fin = how & 0x20,
                       .has_checksum = how & 0x40,
                       .dsn = s->connection->idsn[from] + dsn,
                       .ssn = seq,
                       .length = (uint16_t)(length + (how & 0x80 ? take(s) : 0))};
        packet_dss(&p, &d);
        *data_next = MAX(*data_next, dsn + d.length);
    }
    *next = MAX(*next, seq + length);
    send_packet(s, &p);
}

static void send_ack(script *s, uint8_t how)
{
    const unsigned peer = !s->from;
    const uint32_t back = how & 0x01 ? (uint32_t)take(s) * 4 : 0;
    const uint64_t data_back = how & 0x02 ? (uint64_t)take(s) * 4 : 0;
    packet p = packet_new(&s->subflow->wire, s->from, 0, s->subflow->next[s->from],
                          s->subflow->next[peer] - back, 0);
    if (!(how & 0x04)) {
        const dss d = {.has_ack = true,
                       .ack_is_32 = how & 0x08,
                       .ack = s->connection->idsn[peer] + s->connection->next[peer] - data_back};
        packet_dss(&p, &d);
    }
    if (how & 0x10)
        packet_timestamps(&p, take(s), take(s));
    send_packet(s, &p);
}

/* An option that says something about the connection, and flags that end it. */
static void send_signal(script *s, uint8_t what)
{
    const mps_address address = s->connection->subflows[take(s) % SUBFLOWS].wire.address[s->from];
    const uint8_t flags = take(s) & (MPS_TCP_FIN | MPS_TCP_RST | MPS_TCP_SYN);
    packet p = packet_new(&s->subflow->wire, s->from, flags, s->subflow->next[s->from], 1, 0);
    if (what & 0x01)
        packet_add_addr(&p, take(s), &address);
    if (what & 0x02)
        packet_prio(&p, take(s) & 1, what & 0x40 ? take(s) : -1);
    if (what & 0x04)
        packet_fastclose(&p, s->connection->key[!s->from]);
    if (what & 0x08)
        packet_tcprst(&p, take(s));
    send_packet(s, &p);
}

/* An option of any kind, with any bytes. */
static void send_bytes(script *s, uint8_t what)
{
    packet p = packet_new(&s->subflow->wire, s->from, 0, s->subflow->next[s->from], 1, take(s));
    uint8_t option[24] = {MPS_TCP_OPTION_MPTCP, (uint8_t)(3 + what % 22), 0};
    for (unsigned i = 2; i < option[1]; i++)
        option[i] = take(s);
    packet_option(&p, option, option[1]);
    send_packet(s, &p);
}

static void move_time(script *s, uint8_t how)
{
    const int64_t step = (int64_t)take(s) << how % 40;
    s->time += how & 0x80 ? -step : step;
}

static void repeat_last(script *s, uint8_t how)
{
    if (s->has_last) {
        packet p = s->last;
        p.ip_id = (uint16_t)(p.ip_id + (how & 1));
        send_packet(s, &p);
    }
}

/* An ICMP error about the SYN, or about what was sent; at one place or at another. */
static void send_icmp(script *s, uint8_t how)
{
    static const uint8_t types[] = {3, 4, 11, 12};
    const wire *w = &s->subflow->wire;
    const mps_icmp_error icmp = {
        .frame = s->segments->len + 1,
        .time = s->time,
        .link = {.interface = how & 0x04},
        .sender = w->address[!s->from],
        .type = types[how & 0x03],
        .code = how >> 4,
        .mtu = how & 0x04 ? take(s) : 0,
        .source = w->address[s->from],
        .destination = w->address[!s->from],
        .source_port = w->port[s->from],
        .destination_port = w->port[!s->from],
        .seq = w->isn[s->from] + (how & 0x08 ? s->subflow->next[s->from] - take(s) : 0),
    };
    segments_add_icmp(s->segments, &icmp);
    s->time += MILLISECOND;
}

static void run_step(script *s)
{
    static void (*const operations[])(script *, uint8_t) = {
        send_data, send_data, send_data, send_ack, send_signal, send_bytes, move_time, repeat_last,
    };
    const uint8_t operation = take(s), target = take(s), how = take(s);
    s->connection = &s->connections[target % CONNECTIONS];
    s->index = target / CONNECTIONS % SUBFLOWS;
    s->subflow = &s->connection->subflows[s->index];
    s->from = target >> 7;
    if (operation & 0x80)
        open_subflow(s, how, operation & 1);
    else if ((operation & ICMP_BITS) == ICMP_BITS)
        send_icmp(s, how);
    else
        operations[operation % G_N_ELEMENTS(operations)](s, how);
}

static void begin(script *s)
{
    for (unsigned c = 0; c < CONNECTIONS; c++) {
        connection *own = &s->connections[c];
        for (unsigned end = 0; end < 2; end++) {
            own->key[end] = 0x0123456789abcdef * (2 * c + end + 1);
            own->idsn[end] = idsn_of(own->key[end], 1);
            own->next[end] = 1;
        }
        for (unsigned i = 0; i < SUBFLOWS; i++) {
            own->subflows[i].wire = wire_new((uint8_t)(i + 1), (uint16_t)(1000 * (c + 1) + i));
            own->subflows[i].next[0] = own->subflows[i].next[1] = 1;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    script s = {.at = data, .end = data + size, .segments = segments_new()};
    s.time = INT64_C(1700000000) * 1000 * MILLISECOND;
    begin(&s);
    while (s.at < s.end)
        run_step(&s);
    check_segments(s.segments);
    g_ptr_array_unref(s.segments);
    return 0;
}
