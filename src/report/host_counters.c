/* host_counters.c: reads what nstat prints of a host's counters: text (nstat -asz) or JSON
 * (nstat -j).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "host_counters.h"
#include "base/json.h"
#include <mptcpscope/error.h>
#include <mptcpscope/printable.h>
#include <string.h>

/* What the names of MPTCP's counters begin with. */
#define OF_MPTCP "MPTcpExt"

struct mps_host_counters {
    GHashTable *values; /* guint64 * by name */
    bool has_zeros;     /* a counter that is 0 was printed */
    bool differences;
};

static mps_host_counters *new_counters(void)
{
    mps_host_counters *counters = g_new0(mps_host_counters, 1);
    counters->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return counters;
}

void mps_host_counters_free(mps_host_counters *counters)
{
    if (!counters)
        return;
    g_hash_table_destroy(counters->values);
    g_free(counters);
}

/* @return whether a word can be the name of a counter */
static bool is_name(const char *word)
{
    size_t length = 0;
    for (; word[length]; length++)
        if (!g_ascii_isalnum(word[length]) && word[length] != '_')
            return false;
    return length > 0 && g_ascii_isalpha(word[0]);
}

/* Add a counter. @return false: it is there already */
static bool add(mps_host_counters *counters, const char *name, guint64 value)
{
    counters->has_zeros |= value == 0;
    return g_hash_table_insert(counters->values, g_strdup(name), g_memdup2(&value, sizeof value));
}

/* @return false, with `error` that names a line */
static bool wrong_line(unsigned line, const char *what, GError **error)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "line %u: %s", line, what);
    return false;
}

/* Read a line of text: NAME VALUE [RATE]. Lines that begin with # are comments. */
static bool read_line(mps_host_counters *counters, char *text, unsigned line, GError **error)
{
    guint64 value;
    g_strstrip(text);
    if (!*text || *text == '#')
        return true;
    char **words = g_strsplit_set(text, " \t", -1);
    const char *first = words[0], *second = NULL;
    for (unsigned i = 1; words[i] && !second; i++)
        second = *words[i] ? words[i] : NULL;
    bool good = true;
    if (!is_name(first) || !second)
        good = wrong_line(line, "not a counter and its value, as nstat prints them", error);
    else if (!g_ascii_string_to_unsigned(second, 10, 0, G_MAXUINT64, &value, NULL))
        good = wrong_line(line, "the value of a counter is not a whole number of 64 bits", error);
    else if (!add(counters, first, value))
        good = wrong_line(line, "a counter is given twice", error);
    g_strfreev(words);
    return good;
}

static bool read_text(mps_host_counters *counters, const char *text, size_t length, GError **error)
{
    if (memchr(text, '\0', length) || !g_utf8_validate(text, (gssize)length, NULL)) {
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, "not the output of nstat");
        return false;
    }
    char **lines = g_strsplit(text, "\n", -1);
    bool good = true;
    for (unsigned i = 0; lines[i] && good; i++)
        good = read_line(counters, lines[i], i + 1, error);
    g_strfreev(lines);
    return good;
}

/* Read an object of counters. */
static bool read_members(mps_host_counters *counters, json_t *object, GError **error)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (json_is_integer(value) && json_integer_value(value) >= 0 && is_name(name) &&
            add(counters, name, (guint64)json_integer_value(value)))
            continue;
        char *printable = mps_printable(name);
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                    "%s: not a counter, a whole number that is given once", printable);
        g_free(printable);
        return false;
    }
    return true;
}

/* Read JSON: {"kernel": {NAME: VALUE, ...}}. */
static bool read_json(mps_host_counters *counters, const char *text, size_t length, GError **error)
{
    const char *name;
    json_t *object, *root = mps_json_parse(text, length, error);
    if (!root)
        return false;
    bool good = json_is_object(root);
    if (!good)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, "not the output of nstat -j");
    json_object_foreach(root, name, object)
    {
        if (good && !json_is_object(object)) {
            good = false;
            g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT,
                                "not the output of nstat -j: {\"kernel\": {counters}}");
        }
        good = good && read_members(counters, object, error);
    }
    json_decref(root);
    return good;
}

static bool has_mptcp(const mps_host_counters *counters)
{
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, counters->values);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (g_str_has_prefix(name, OF_MPTCP))
            return true;
    return false;
}

mps_host_counters *mps_host_counters_read(const char *path, GError **error)
{
    size_t length;
    char *text = mps_text_read(path, &length, error);
    if (!text)
        return NULL;
    mps_host_counters *counters = new_counters();
    const char first = text[strspn(text, " \t\r\n")];
    bool good = first == '{' || first == '[' ? read_json(counters, text, length, error)
                                             : read_text(counters, text, length, error);
    if (good && !has_mptcp(counters)) {
        good = false;
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT,
                            "no counter " OF_MPTCP "*; \"nstat -asz\" on the host prints them");
    }
    g_free(text);
    if (good)
        return counters;
    mps_host_counters_free(counters);
    return NULL;
}

mps_counter_state mps_host_counter(const mps_host_counters *counters, const char *name,
                                   guint64 *value)
{
    const guint64 *found = g_hash_table_lookup(counters->values, name);
    *value = found ? *found : 0;
    if (found)
        return MPS_COUNTER_GIVEN;
    return counters->has_zeros ? MPS_COUNTER_UNKNOWN : MPS_COUNTER_LEFT_OUT;
}

bool mps_host_counters_are_differences(const mps_host_counters *counters)
{
    return counters->differences;
}

bool mps_host_counters_subtract(mps_host_counters *counters, const mps_host_counters *before,
                                GError **error)
{
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, before->values);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        const guint64 *start = value;
        guint64 *end = g_hash_table_lookup(counters->values, name);
        if (!g_str_has_prefix(name, OF_MPTCP) || *start == 0)
            continue;
        if (!end || *end < *start) {
            g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                        "%s is less than in the output before: these are of another host or boot, "
                        "or exchanged",
                        (const char *)name);
            return false;
        }
        *end -= *start;
        counters->has_zeros |= *end == 0 && before->has_zeros;
    }
    counters->differences = true;
    return true;
}
