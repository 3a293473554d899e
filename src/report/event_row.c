/* event_row.c: the values of a row of the report "events", and the same in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "event_row.h"
#include "base/list_text.h"
#include <string.h>

/* Note the flags that are set. @param letters  one for each bit, from the highest used bit down */
static void take_flags(mps_event_row *row, uint8_t flags, const char *letters)
{
    unsigned count = 0, bits = (unsigned)strlen(letters);
    for (unsigned i = 0; i < bits; i++)
        if (flags >> (bits - 1 - i) & 1)
            row->flags[count++] = letters[i];
    row->flags[count] = '\0';
    row->has_flags = true;
}

static void take_capable(mps_event_row *row, const mps_event *event, const mps_option *option)
{
    bool syn = event->flags & MPS_TCP_SYN, ack = event->flags & MPS_TCP_ACK;
    row->step = syn                  ? (ack ? MPS_STEP_SYNACK : MPS_STEP_SYN)
                : event->has_payload ? MPS_STEP_DATA
                                     : MPS_STEP_ACK;
    row->version = option->capable.version;
    take_flags(row, option->capable.flags, "ABCDEFGH");
    row->has_key = option->capable.keys > 0;
    row->key = option->capable.sender_key;
    row->has_receiver_key = option->capable.keys > 1;
    row->receiver_key = option->capable.receiver_key;
    if (option->capable.has_data_length)
        row->length = option->capable.data_length;
}

static void take_join(mps_event_row *row, const mps_option *option)
{
    static const mps_handshake_step steps[] = {
        [MPS_JOIN_SYN] = MPS_STEP_SYN,
        [MPS_JOIN_SYNACK] = MPS_STEP_SYNACK,
        [MPS_JOIN_ACK] = MPS_STEP_ACK,
    };
    row->step = steps[option->join.form];
    if (option->join.form == MPS_JOIN_ACK)
        return;
    row->backup = option->join.backup;
    row->addr_id = option->join.address_id;
    row->has_nonce = true;
    row->nonce = option->join.nonce;
    row->has_token = option->join.form == MPS_JOIN_SYN;
    row->token = option->join.token;
}

static void take_add_addr(mps_event_row *row, const mps_option *option)
{
    row->addr_id = option->add_addr.address_id;
    row->address = option->add_addr.address;
    row->port = option->add_addr.has_port ? option->add_addr.port : -1;
}

static void take_remove_addr(mps_event_row *row, const mps_option *option)
{
    memcpy(row->ids, option->remove_addr.ids, option->remove_addr.count);
    row->id_count = option->remove_addr.count;
    if (row->id_count == 1)
        row->addr_id = row->ids[0];
}

static void take_option(mps_event_row *row, const mps_event *event, const mps_option *option)
{
    switch (option->subtype) {
    case MPS_MP_CAPABLE:
        take_capable(row, event, option);
        break;
    case MPS_MP_JOIN:
        take_join(row, option);
        break;
    case MPS_ADD_ADDR:
        take_add_addr(row, option);
        break;
    case MPS_REMOVE_ADDR:
        take_remove_addr(row, option);
        break;
    case MPS_MP_PRIO:
        row->backup = option->prio.backup;
        row->addr_id = option->prio.has_address_id ? option->prio.address_id : -1;
        break;
    case MPS_MP_FASTCLOSE:
        row->has_key = true;
        row->key = option->fastclose.key;
        break;
    case MPS_MP_TCPRST:
        row->reason = mps_tcprst_reason_name(option->tcprst.reason);
        take_flags(row, option->tcprst.flags, "UVWT");
        break;
    default:
        break;
    }
}

bool mps_event_row_of(mps_event_row *row, const mps_tracker *tracker, const mps_event *event)
{
    mps_option option = {0};
    if (!event->fallback)
        option = mps_event_option(tracker, event);
    *row = (mps_event_row){
        .frame = event->frame,
        .subflow = event->subflow,
        .time = event->time,
        .half = event->half,
        .event = mps_event_kind_of(event, &option),
        .version = -1,
        .addr_id = -1,
        .port = -1,
        .backup = -1,
        .length = -1,
        .icmp_type = -1,
        .icmp_code = -1,
    };
    if (event->fallback) {
        row->reason = mps_fallback_reason(event->fallback);
        return true;
    }
    if (event->subtype == MPS_DSS && !event->is_fin)
        return false;
    take_option(row, event, &option);
    row->dsn = mps_event_dsn(tracker, event, &option);
    row->acked = mps_event_acked(tracker, event);
    row->hmac = mps_hmac_check(tracker, event->subflow, event->half, &option);
    return true;
}

void mps_event_row_of_mapping(mps_event_row *row, const mps_tracker *tracker,
                              const mps_checked_mapping *mapping)
{
    *row = (mps_event_row){
        .frame = mapping->checked_frame,
        .subflow = mapping->subflow,
        .time = mapping->checked_time,
        .half = mapping->half,
        .event = MPS_EVENT_DSS_CHECKSUM,
        .checksum = MPS_CHECK_BAD,
        .version = -1,
        .addr_id = -1,
        .port = -1,
        .backup = -1,
        .icmp_type = -1,
        .icmp_code = -1,
        .length = mapping->length,
        .dsn = mps_analysis_dsn(tracker, mapping->subflow, mapping->half, mapping->dsn),
    };
}

void mps_event_row_of_icmp(mps_event_row *row, const mps_tracker *tracker,
                           const mps_icmp_record *record)
{
    const uint16_t step = mps_tracker_icmp_step(tracker, record);
    *row = (mps_event_row){
        .frame = record->error.frame,
        .subflow = record->subflow,
        .time = record->error.time,
        .half = record->half,
        .event = MPS_EVENT_ICMP_ERROR,
        .step = step == 0             ? MPS_STEP_NONE
                : step == MPS_TCP_SYN ? MPS_STEP_SYN
                                      : MPS_STEP_SYNACK,
        .reason = mps_icmp_error_name(&record->error),
        .address = record->error.sender,
        .icmp_type = record->error.type,
        .icmp_code = record->error.code,
        .mtu = record->error.mtu,
        .version = -1,
        .addr_id = -1,
        .port = -1,
        .backup = -1,
        .length = -1,
    };
}

static void append_address(GString *text, const mps_event_row *row)
{
    char address[MPS_ADDRESS_TEXT_MAX];
    if (row->mtu > 0)
        mps_add_item(text, "MTU %u", row->mtu);
    if (row->address.length > 0)
        mps_add_item(text, "%s%s", row->event == MPS_EVENT_ICMP_ERROR ? "from " : "",
                     mps_address_text(&row->address, address));
    if (row->port >= 0)
        mps_add_item(text, "port %d", row->port);
    if (row->addr_id >= 0)
        mps_add_item(text, "address ID %d", row->addr_id);
    if (row->id_count > 1) {
        mps_add_item(text, "address IDs %u", row->ids[0]);
        for (unsigned i = 1; i < row->id_count; i++)
            g_string_append_printf(text, " %u", row->ids[i]);
    }
    if (row->backup > 0)
        mps_add_item(text, "backup");
    else if (row->backup == 0 && !row->step) /* an MP_PRIO, not an MP_JOIN */
        mps_add_item(text, "not backup");
}

static void append_data(GString *text, const mps_event_row *row)
{
    if (row->dsn.has_relative)
        mps_add_item(text, "relative DSN %" G_GUINT64_FORMAT, row->dsn.relative);
    else if (row->dsn.has_absolute)
        mps_add_item(text, "DSN %" G_GUINT64_FORMAT, row->dsn.absolute);
    if (row->length >= 0)
        mps_add_item(text, "length %d", row->length);
    if (row->acked > 0)
        mps_add_item(text, "acknowledged in frame %u", row->acked);
    if (row->checksum)
        mps_add_item(text, "%s", mps_check_name(row->checksum));
}

char *mps_event_details(const mps_event_row *row)
{
    GString *text = g_string_new(NULL);
    if (row->version >= 0)
        mps_add_item(text, "version %d", row->version);
    if (row->reason)
        mps_add_item(text, "%s", row->reason);
    if (row->has_flags && row->flags[0])
        mps_add_item(text, "flags %s", row->flags);
    if (row->has_key)
        mps_add_item(text, "key%s 0x%016" G_GINT64_MODIFIER "x", row->has_receiver_key ? "s" : "",
                     row->key);
    if (row->has_receiver_key)
        g_string_append_printf(text, " 0x%016" G_GINT64_MODIFIER "x", row->receiver_key);
    if (row->has_token)
        mps_add_item(text, "token %u", row->token);
    if (row->has_nonce)
        mps_add_item(text, "nonce 0x%08x", row->nonce);
    append_address(text, row);
    append_data(text, row);
    return g_string_free(text, FALSE);
}
