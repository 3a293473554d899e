/* events.c: the report "events": the life of connections and subflows, a row per event.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection_columns.h"
#include "event_row.h"
#include <string.h>

static const mps_column columns[] = {
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "time", MPS_VALUE_TIME, "Time", NULL, 0},
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "event", MPS_VALUE_STRING, "Event", NULL, 0},
    {NULL, "step", MPS_VALUE_STRING, "Step", NULL, 0},
    {NULL, "version", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "flags", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "key", MPS_VALUE_KEY, NULL, NULL, 0},
    {NULL, "receiver_key", MPS_VALUE_KEY, NULL, NULL, 0},
    {NULL, "token", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "nonce", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "addr_id", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "addr_ids", MPS_VALUE_JSON, NULL, NULL, 0},
    {NULL, "address", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "port", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "backup", MPS_VALUE_BOOL, NULL, NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "dsn", MPS_VALUE_BIG, NULL, NULL, 0},
    {NULL, "dsn_relative", MPS_VALUE_BIG, NULL, NULL, 0},
    {NULL, "length", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "acked", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "hmac", MPS_VALUE_STRING, "HMAC", NULL, 0},
    {NULL, "checksum", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "icmp_type", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "icmp_code", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "mtu", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "details", MPS_VALUE_STRING, "Details", NULL, 0},
};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_WHEN_WIDE("tcp_stream"),
    MPS_TEXT_END,
};

static void add_big(mps_table *table, bool known, uint64_t number)
{
    mps_table_add(table, known ? (mps_value){.type = MPS_VALUE_BIG, .u = number} : MPS_NULL);
}

static void add_ids(mps_table *table, const mps_event_row *row)
{
    if (row->id_count == 0) {
        mps_table_add(table, MPS_NULL);
        return;
    }
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < row->id_count; i++)
        g_string_append_printf(text, "%s%u", i ? ", " : "", row->ids[i]);
    char *json = g_strdup_printf("[%s]", text->str);
    mps_table_add_json(table, json, g_string_free(text, FALSE));
}

static void add_values(mps_table *table, const mps_event_row *row)
{
    mps_table_add_string(table, mps_event_name(row->event));
    mps_table_add_string(table, mps_handshake_step_name(row->step));
    mps_table_add_known(table, row->version);
    mps_table_add_string(table, row->has_flags ? row->flags : NULL);
    mps_table_add(table, row->has_key ? MPS_KEY(row->key) : MPS_NULL);
    mps_table_add(table, row->has_receiver_key ? MPS_KEY(row->receiver_key) : MPS_NULL);
    mps_table_add(table, row->has_token ? MPS_UINT(row->token) : MPS_NULL);
    mps_table_add(table, row->has_nonce ? MPS_UINT(row->nonce) : MPS_NULL);
    mps_table_add_known(table, row->addr_id);
    add_ids(table, row);
    mps_table_add_address(table, &row->address);
    mps_table_add_known(table, row->port);
    mps_table_add_known_bool(table, row->backup);
    mps_table_add_string(table, row->reason);
    add_big(table, row->dsn.has_absolute, row->dsn.absolute);
    add_big(table, row->dsn.has_relative, row->dsn.relative);
    mps_table_add_known(table, row->length);
    mps_table_add(table, row->acked > 0 ? MPS_UINT(row->acked) : MPS_NULL);
    mps_table_add_string(table, mps_check_name(row->hmac));
    mps_table_add_string(table, mps_check_name(row->checksum));
    mps_table_add_known(table, row->icmp_type);
    mps_table_add_known(table, row->icmp_code);
    mps_table_add(table, row->mtu > 0 ? MPS_UINT(row->mtu) : MPS_NULL);
}

static void add_row(mps_table *table, const mps_tracker *tracker, const mps_event_row *row)
{
    mps_subflow_info subflow;
    mps_tracker_subflow(tracker, row->subflow, &subflow);
    mps_table_add(table, MPS_UINT(row->frame));
    mps_table_add(table, MPS_TIME(row->time));
    mps_table_add(table, MPS_UINT(subflow.connection));
    mps_table_add(table, MPS_UINT(subflow.number));
    mps_table_add_known(table, subflow.tcp_stream);
    mps_table_add_direction(table, mps_tracker_direction(tracker, row->subflow, row->half));
    add_values(table, row);
    char *details = mps_event_details(row);
    mps_table_add_string(table, details);
    g_free(details);
}

static gint compare_checked(gconstpointer a, gconstpointer b, gpointer leaps)
{
    const mps_checked_mapping *x = *(mps_checked_mapping *const *)a;
    const mps_checked_mapping *y = *(mps_checked_mapping *const *)b;
    return mps_leaps_compare(leaps, x->checked_time, x->checked_frame, y->checked_time,
                             y->checked_frame);
}

/* @return the mappings whose checksum is bad, by the frames that completed them; the caller frees
 * the array. */
static GPtrArray *bad_mappings(const mps_tracker *tracker)
{
    const GArray *mappings = mps_checked_mappings(tracker);
    GPtrArray *bad = g_ptr_array_new();
    for (guint i = 0; mappings && i < mappings->len; i++) {
        mps_checked_mapping *mapping = &g_array_index(mappings, mps_checked_mapping, i);
        if (mapping->status == MPS_CHECK_BAD)
            g_ptr_array_add(bad, mapping);
    }
    g_ptr_array_sort_with_data(bad, compare_checked, (gpointer)mps_tracker_leaps(tracker));
    return bad;
}

/* By time, then in the order in which they were noted. */
static gint compare_events(gconstpointer a, gconstpointer b, gpointer leaps)
{
    const mps_event *x = *(const mps_event *const *)a, *y = *(const mps_event *const *)b;
    int order = mps_leaps_compare(leaps, x->time, x->frame, y->time, y->frame);
    return order != 0 ? order : (x > y) - (x < y);
}

/* @return all events in the order of time: those of segments that counted late are noted late. The
 * caller frees the array. */
static GPtrArray *events_in_order(const mps_tracker *tracker)
{
    const GArray *events = mps_events(tracker);
    GPtrArray *all = g_ptr_array_new();
    for (guint i = 0; events && i < events->len; i++)
        g_ptr_array_add(all, &g_array_index(events, mps_event, i));
    if (mps_tracker_late(tracker) > 0)
        g_ptr_array_sort_with_data(all, compare_events, (gpointer)mps_tracker_leaps(tracker));
    return all;
}

/* What has rows between those of options: bad checksums and ICMP errors, in the order of time. */
typedef struct {
    const mps_report *report;
    const mps_tracker *tracker;
    mps_table *table;
    GPtrArray *bad;           /* as bad_mappings() */
    guint next_bad;           /* index in it */
    uint32_t icmp, next_icmp; /* how many errors there are; index of the next one */
} other_events;

static void add_bad(other_events *others)
{
    const mps_checked_mapping *mapping = others->bad->pdata[others->next_bad++];
    mps_event_row row;
    if (!mps_report_shows(others->report, others->tracker, mapping->checked_frame,
                          mapping->subflow))
        return;
    mps_event_row_of_mapping(&row, others->tracker, mapping);
    add_row(others->table, others->tracker, &row);
}

static void add_icmp(other_events *others)
{
    const mps_icmp_record *icmp = mps_tracker_icmp_at(others->tracker, others->next_icmp++);
    mps_event_row row;
    if (!mps_tracker_icmp_counts(others->tracker, icmp) ||
        !mps_report_shows(others->report, others->tracker, icmp->error.frame, icmp->subflow))
        return;
    mps_event_row_of_icmp(&row, others->tracker, icmp);
    add_row(others->table, others->tracker, &row);
}

/* When something happened. */
typedef struct {
    int64_t time; /* ns */
    uint32_t frame;
} moment;

static bool is_before(const other_events *others, const moment *a, const moment *b)
{
    return mps_leaps_compare(mps_tracker_leaps(others->tracker), a->time, a->frame, b->time,
                             b->frame) < 0;
}

/* Add the rows of what came before a moment: a bad checksum comes after the other events of the
 * frame that completed its mapping. @param until  NULL: of all that is left */
static void add_before(other_events *others, const moment *until)
{
    for (;;) {
        moment bad = {0, 0}, icmp = {0, 0};
        const bool has_bad = others->next_bad < others->bad->len;
        const bool has_icmp = others->next_icmp < others->icmp;
        if (has_bad) {
            const mps_checked_mapping *mapping = others->bad->pdata[others->next_bad];
            bad = (moment){mapping->checked_time, mapping->checked_frame};
        }
        if (has_icmp) {
            const mps_icmp_error *error =
                &mps_tracker_icmp_at(others->tracker, others->next_icmp)->error;
            icmp = (moment){error->time, error->frame};
        }
        const bool icmp_first = has_icmp && (!has_bad || is_before(others, &icmp, &bad));
        if (!has_bad && !has_icmp)
            return;
        if (until && !is_before(others, icmp_first ? &icmp : &bad, until))
            return;
        if (icmp_first)
            add_icmp(others);
        else
            add_bad(others);
    }
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    GPtrArray *events = events_in_order(tracker);
    other_events others = {.report = report, .tracker = tracker, .table = table};
    others.bad = bad_mappings(tracker);
    others.icmp = mps_tracker_icmp_count(tracker);
    mps_event_row row;
    for (guint i = 0; i < events->len; i++) {
        const mps_event *event = events->pdata[i];
        add_before(&others, &(moment){event->time, event->frame});
        if (mps_report_shows(report, tracker, event->frame, event->subflow) &&
            mps_event_row_of(&row, tracker, event))
            add_row(table, tracker, &row);
    }
    add_before(&others, NULL);
    g_ptr_array_free(others.bad, TRUE);
    g_ptr_array_free(events, TRUE);
}

/* The place of a column. */
static unsigned place_of(const char *name)
{
    unsigned place = 0;
    while (strcmp(columns[place].name, name) != 0)
        place++;
    return place;
}

/* A DATA_FIN in the rows, and its copies. */
typedef struct {
    unsigned row, last, copies; /* rows of the first and of the last one; how many came after it */
} data_fin;

/* @return what copies of a DATA_FIN have in common, freed by the caller; NULL: it is none, or its
 * DSN is not known */
static char *data_fin_key(const mps_table *table, unsigned row)
{
    const mps_value *event = mps_table_value(table, row, place_of("event"));
    const mps_value *dsn = mps_table_value(table, row, place_of("dsn"));
    if (strcmp(event->string, mps_event_name(MPS_EVENT_DATA_FIN)) != 0 ||
        dsn->type == MPS_VALUE_NULL)
        return NULL;
    return g_strdup_printf("%" G_GUINT64_FORMAT " %s %" G_GUINT64_FORMAT,
                           mps_table_value(table, row, place_of("connection"))->u,
                           mps_table_value(table, row, place_of("direction"))->string, dsn->u);
}

static void tell_copies(mps_table *table, const data_fin *fin)
{
    const unsigned subflow = place_of("subflow");
    const uint64_t last = mps_table_value(table, fin->last, subflow)->u;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "; %u %s frame %" G_GUINT64_FORMAT, fin->copies,
                           fin->copies == 1 ? "copy, in" : "copies, the last in",
                           mps_table_value(table, fin->last, place_of("frame"))->u);
    if (last != mps_table_value(table, fin->row, subflow)->u)
        g_string_append_printf(text, " on subflow %" G_GUINT64_FORMAT, last);
    mps_table_append_text(table, fin->row, place_of("details"), text->str);
    g_string_free(text, TRUE);
}

static bool is_copy(const mps_table *table, unsigned row, const void *copies)
{
    (void)table;
    return g_hash_table_contains((GHashTable *)copies, GUINT_TO_POINTER(row));
}

/* A DATA_FIN is sent on every subflow and again until it is acknowledged: text has one row for it
 * that tells its copies. */
static void fold(mps_table *table)
{
    GHashTable *fins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    GHashTable *copies = g_hash_table_new(NULL, NULL); /* rows */
    GHashTableIter iterator;
    gpointer value;
    for (unsigned row = 0; row < table->row_count; row++) {
        char *key = data_fin_key(table, row);
        data_fin *fin = key ? g_hash_table_lookup(fins, key) : NULL;
        if (key && !fin) {
            fin = g_new0(data_fin, 1);
            fin->row = row;
            g_hash_table_insert(fins, key, fin);
            continue;
        }
        g_free(key);
        if (fin) {
            fin->last = row;
            fin->copies++;
            g_hash_table_add(copies, GUINT_TO_POINTER(row));
        }
    }
    g_hash_table_iter_init(&iterator, fins);
    while (g_hash_table_iter_next(&iterator, NULL, &value))
        if (((const data_fin *)value)->copies > 0)
            tell_copies(table, value);
    mps_table_remove_rows(table, is_copy, copies);
    g_hash_table_destroy(copies);
    g_hash_table_destroy(fins);
}

const mps_report_kind mps_report_events = {
    .name = "events",
    .title = "MPTCP Events",
    .about = "events of connections and path managers: joins, addresses, resets, fallbacks",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .needs = MPS_NEED_EVENTS | MPS_NEED_CHECKSUMS,
    .rows = rows,
    .fold = fold,
    .totals = &mps_report_event_checksums,
    .empty = "No segment that passed is an event.",
};
