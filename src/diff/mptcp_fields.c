/* mptcp_fields.c: the fields of MPTCP options as text, and those in which two options differ.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "diff_internal.h"
#include "segment/option_parse.h"

/* How a field is written. */
typedef enum {
    FIELD_DECIMAL,
    FIELD_HEX,
    FIELD_ADDRESS,     /* the IP address of ADD_ADDR */
    FIELD_ADDRESS_IDS, /* the list of REMOVE_ADDR */
} field_kind;

/* A field of an option, or a part of 8 bytes of one that is longer. */
typedef struct {
    const char *name;
    field_kind kind;
    bool known;     /* the option carries it */
    unsigned first; /* index of the field's first part */
    uint64_t value;
} field;

enum { FIELDS_MAX = 8 };

/* The fields of an option. All options of a subtype have the same list. */
typedef struct {
    field fields[FIELDS_MAX];
    unsigned count;
} field_list;

static void add_kind(field_list *list, field_kind kind, const char *name, bool known,
                     uint64_t value)
{
    list->fields[list->count] = (field){name, kind, known, list->count, known ? value : 0};
    list->count++;
}

static void add(field_list *list, const char *name, bool known, uint64_t value)
{
    add_kind(list, FIELD_DECIMAL, name, known, value);
}

static void add_hex(field_list *list, const char *name, bool known, uint64_t value)
{
    add_kind(list, FIELD_HEX, name, known, value);
}

/* Add another part to the last field. */
static void add_part(field_list *list, bool known, uint64_t value)
{
    const field *last = &list->fields[list->count - 1];
    unsigned first = last->first;
    add_kind(list, last->kind, last->name, known, value);
    list->fields[list->count - 1].first = first;
}

/* Bytes of the HMAC of MP_JOIN in a SYN/ACK and in the third ACK (RFC 8684 section 3.2). */
enum { JOIN_HMAC_TRUNCATED = 8, JOIN_HMAC_FULL = 20 };

static void list_capable(const mps_option *option, field_list *list)
{
    add(list, "version", true, option->capable.version);
    add_hex(list, "flags", true, option->capable.flags);
    add_hex(list, "sender_key", option->capable.keys > 0, option->capable.sender_key);
    add_hex(list, "receiver_key", option->capable.keys > 1, option->capable.receiver_key);
    add(list, "data_length", option->capable.has_data_length, option->capable.data_length);
    add_hex(list, "checksum", option->capable.has_checksum, option->capable.checksum);
}

static void list_join(const mps_option *option, field_list *list)
{
    bool begins = option->join.form != MPS_JOIN_ACK;
    const uint8_t *hmac = option->join.hmac;
    add(list, "backup", begins, option->join.backup);
    add(list, "address_id", begins, option->join.address_id);
    add_hex(list, "token", option->join.form == MPS_JOIN_SYN, option->join.token);
    add_hex(list, "nonce", begins, option->join.nonce);
    add_hex(list, "hmac", option->join.hmac_length >= JOIN_HMAC_TRUNCATED, mps_load64(hmac));
    add_part(list, option->join.hmac_length == JOIN_HMAC_FULL, mps_load64(hmac + 8));
    add_part(list, option->join.hmac_length == JOIN_HMAC_FULL, mps_load32(hmac + 16));
}

static void list_dss(const mps_option *option, field_list *list)
{
    bool map = option->dss.has_map;
    add(list, "data_fin", true, option->dss.data_fin);
    add(list, "data_ack", option->dss.has_ack, option->dss.ack);
    add(list, "dsn", map, option->dss.dsn);
    add(list, "ssn", map, option->dss.ssn);
    add(list, "data_length", map, option->dss.data_length);
    add_hex(list, "checksum", option->dss.has_checksum, option->dss.checksum);
}

static void list_add_addr(const mps_option *option, field_list *list)
{
    const mps_address *address = &option->add_addr.address;
    add(list, "echo", true, option->add_addr.echo);
    add(list, "address_id", true, option->add_addr.address_id);
    add_kind(list, FIELD_ADDRESS, "address", address->length > 0, mps_load64(address->bytes));
    add_part(list, address->length > 4, mps_load64(address->bytes + 8));
    add(list, "port", option->add_addr.has_port, option->add_addr.port);
    add_hex(list, "hmac", option->add_addr.has_hmac, mps_load64(option->add_addr.hmac));
}

/* The number of IDs, then the IDs, eight to a part. */
static void list_remove_addr(const mps_option *option, field_list *list)
{
    const uint8_t *ids = option->remove_addr.ids;
    add_kind(list, FIELD_ADDRESS_IDS, "address_ids", true, option->remove_addr.count);
    for (unsigned at = 0; at < MPS_TCP_OPTIONS_MAX; at += 8)
        add_part(list, option->remove_addr.count > at, mps_load64(ids + at));
}

/* List the fields. Unknown subtypes have none: they are compared byte by byte. */
static void list_fields(const mps_option *option, field_list *list)
{
    switch (option->subtype) {
    case MPS_MP_CAPABLE:
        list_capable(option, list);
        break;
    case MPS_MP_JOIN:
        list_join(option, list);
        break;
    case MPS_DSS:
        list_dss(option, list);
        break;
    case MPS_ADD_ADDR:
        list_add_addr(option, list);
        break;
    case MPS_REMOVE_ADDR:
        list_remove_addr(option, list);
        break;
    case MPS_MP_PRIO:
        add(list, "backup", true, option->prio.backup);
        add(list, "address_id", option->prio.has_address_id, option->prio.address_id);
        break;
    case MPS_MP_FAIL:
        add(list, "dsn", true, option->fail.dsn);
        break;
    case MPS_MP_FASTCLOSE:
        add_hex(list, "key", true, option->fastclose.key);
        break;
    case MPS_MP_TCPRST:
        add_hex(list, "flags", true, option->tcprst.flags);
        add(list, "reason", true, option->tcprst.reason);
        break;
    default:
        break;
    }
}

static void write_number(GString *text, const field *f)
{
    g_string_append_printf(text, "%s%s ", text->len ? ", " : "", f->name);
    if (!f->known)
        g_string_append(text, "none");
    else if (f->kind == FIELD_HEX)
        g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x", f->value);
    else
        g_string_append_printf(text, "%" G_GUINT64_FORMAT, f->value);
}

static void write_address(GString *text, const mps_option *option)
{
    char address[MPS_ADDRESS_TEXT_MAX];
    g_string_append_printf(text, "%saddress %s", text->len ? ", " : "",
                           mps_address_text(&option->add_addr.address, address));
}

static void write_ids(GString *text, const mps_option *option)
{
    g_string_append(text, "address_ids");
    for (unsigned i = 0; i < option->remove_addr.count; i++)
        g_string_append_printf(text, " %u", option->remove_addr.ids[i]);
}

static void write_field(GString *text, const field *f, const mps_option *option)
{
    switch (f->kind) {
    case FIELD_ADDRESS:
        write_address(text, option);
        break;
    case FIELD_ADDRESS_IDS:
        write_ids(text, option);
        break;
    case FIELD_DECIMAL:
    case FIELD_HEX:
        write_number(text, f);
        break;
    }
}

static bool is_equal(const field *x, const field *y)
{
    return x->known == y->known && x->value == y->value;
}

/* Write the fields of an option. @param other  write only fields that differ from this list; NULL:
 * write all fields that the option has */
static void write_fields(const mps_option *option, const field_list *own, const field_list *other,
                         GString *text)
{
    unsigned last = UINT_MAX; /* the field that was written last: further parts are skipped */
    for (unsigned i = 0; i < own->count; i++) {
        const field *f = &own->fields[i];
        bool show = other ? !is_equal(f, &other->fields[i]) : f->known;
        if (!show || f->first == last)
            continue;
        write_field(text, f, option);
        last = f->first;
    }
}

/* Decode an option. @return whether its fields are known */
static bool read_fields(const mps_raw_option *raw, uint16_t flags, mps_option *option,
                        field_list *list)
{
    *option = (mps_option){0};
    *list = (field_list){.count = 0};
    mps_option_parse(option, raw->raw, raw->length, raw->length, flags);
    if (option->valid)
        list_fields(option, list);
    return list->count > 0;
}

/* @return the fields in `text`, which is freed; if it is empty, the bytes after kind and length */
static char *text_or_bytes(GString *text, const mps_raw_option *raw)
{
    bool any = text->len > 0;
    char *fields = g_string_free(text, !any);
    return any ? fields : mps_bytes_text(raw->raw + 2, raw->length - 2u);
}

char *mps_mptcp_text(const mps_raw_option *raw, uint16_t flags)
{
    mps_option option;
    field_list list;
    GString *text = g_string_new(NULL);
    if (read_fields(raw, flags, &option, &list))
        write_fields(&option, &list, NULL, text);
    return text_or_bytes(text, raw);
}

bool mps_mptcp_announces_address(const mps_raw_option *raw, uint16_t flags)
{
    mps_option option = {0};
    if (raw->what != MPS_WHAT_MPTCP + MPS_ADD_ADDR)
        return false;
    mps_option_parse(&option, raw->raw, raw->length, raw->length, flags);
    return option.valid && !option.add_addr.echo;
}

void mps_mptcp_difference(const mps_raw_option *sent, uint16_t sent_flags,
                          const mps_raw_option *received, uint16_t received_flags, char **sent_text,
                          char **received_text)
{
    mps_option x, y; /* sent, received */
    field_list in_x, in_y;
    GString *text_x = g_string_new(NULL), *text_y = g_string_new(NULL);
    bool both = read_fields(sent, sent_flags, &x, &in_x);
    both = read_fields(received, received_flags, &y, &in_y) && both;
    if (both) {
        write_fields(&x, &in_x, &in_y, text_x);
        write_fields(&y, &in_y, &in_x, text_y);
    }
    *sent_text = text_or_bytes(text_x, sent);
    *received_text = text_or_bytes(text_y, received);
}
