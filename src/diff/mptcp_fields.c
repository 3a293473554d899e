/* mptcp_fields.c: in which of their fields two MPTCP options differ.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "diff_internal.h"
#include <string.h>

typedef struct {
    const char *name;
    bool known; /* the option carries it */
    bool hex;
    uint64_t value;
} field;

enum { FIELDS_MAX = 8 };

/* The fields of an option; every one of a subtype has the same list. */
typedef struct {
    field fields[FIELDS_MAX];
    unsigned count;
} field_list;

static void add(field_list *list, const char *name, bool known, uint64_t value)
{
    list->fields[list->count++] = (field){name, known, false, known ? value : 0};
}

static void add_hex(field_list *list, const char *name, bool known, uint64_t value)
{
    add(list, name, known, value);
    list->fields[list->count - 1].hex = true;
}

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
    add_hex(list, "hmac", option->join.hmac_length >= 8, mps_load64(hmac));
    add_hex(list, "hmac", option->join.hmac_length == 20, mps_load64(hmac + 8));
    add_hex(list, "hmac", option->join.hmac_length == 20, mps_load32(hmac + 16));
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
    add_hex(list, "address", address->length > 0, mps_load64(address->bytes));
    add_hex(list, "address", address->length > 4, mps_load64(address->bytes + 8));
    add(list, "port", option->add_addr.has_port, option->add_addr.port);
    add_hex(list, "hmac", option->add_addr.has_hmac, mps_load64(option->add_addr.hmac));
}

/* How many IDs there are, and eight of them to a field. */
static void list_remove_addr(const mps_option *option, field_list *list)
{
    const uint8_t *ids = option->remove_addr.ids;
    add(list, "address_ids", true, option->remove_addr.count);
    for (unsigned at = 0; at < MPS_TCP_OPTIONS_MAX; at += 8)
        add(list, "address_ids", option->remove_addr.count > at, mps_load64(ids + at));
}

/* Options without a name are compared as they are. */
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

static void write_field(GString *text, const field *f)
{
    g_string_append_printf(text, "%s%s ", text->len ? ", " : "", f->name);
    if (!f->known)
        g_string_append(text, "none");
    else if (f->hex)
        g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x", f->value);
    else
        g_string_append_printf(text, "%" G_GUINT64_FORMAT, f->value);
}

/* An address as people write it. */
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

static void write_either(GString *text, const field *f, const mps_option *option)
{
    if (option->subtype == MPS_ADD_ADDR && strcmp(f->name, "address") == 0)
        write_address(text, option);
    else if (option->subtype == MPS_REMOVE_ADDR)
        write_ids(text, option);
    else
        write_field(text, f);
}

static bool is_alike(const field *x, const field *y)
{
    return x->known == y->known && x->value == y->value;
}

/* Write the fields of an option: of those that it has, or of those in which another differs, each
 * name once. */
static void write_fields(const mps_option *option, const field_list *own, const field_list *other,
                         GString *text)
{
    const char *last = "";
    for (unsigned i = 0; i < own->count; i++) {
        const field *f = &own->fields[i];
        bool wanted = other ? !is_alike(f, &other->fields[i]) : f->known;
        if (!wanted || strcmp(f->name, last) == 0)
            continue;
        write_either(text, f, option);
        last = f->name;
    }
}

/* Decode an option. @return whether its fields are known */
static bool read_fields(const mps_item *item, uint16_t flags, mps_option *option, field_list *list)
{
    *option = (mps_option){0};
    *list = (field_list){.count = 0};
    mps_option_parse(option, item->raw, item->length, item->length, flags);
    if (option->valid)
        list_fields(option, list);
    return list->count > 0;
}

static char *text_or_bytes(GString *text, const mps_item *item)
{
    bool told = text->len > 0;
    char *fields = g_string_free(text, !told);
    return told ? fields : mps_bytes_text(item->raw + 2, item->length - 2u);
}

char *mps_mptcp_text(const mps_item *item, uint16_t flags)
{
    mps_option option;
    field_list list;
    GString *text = g_string_new(NULL);
    if (read_fields(item, flags, &option, &list))
        write_fields(&option, &list, NULL, text);
    return text_or_bytes(text, item);
}

void mps_mptcp_difference(const mps_item *sent, uint16_t sent_flags, const mps_item *received,
                          uint16_t received_flags, char **a, char **b)
{
    mps_option x, y;
    field_list in_x, in_y;
    GString *text_a = g_string_new(NULL), *text_b = g_string_new(NULL);
    bool both = read_fields(sent, sent_flags, &x, &in_x);
    both = read_fields(received, received_flags, &y, &in_y) && both;
    if (both) {
        write_fields(&x, &in_x, &in_y, text_a);
        write_fields(&y, &in_y, &in_x, text_b);
    }
    *a = text_or_bytes(text_a, sent);
    *b = text_or_bytes(text_b, received);
}
