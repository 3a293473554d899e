/* topology_values.c: the members of JSON objects, checked.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "topology_values.h"
#include <math.h>
#include <mptcpscope/printable.h>

void mps_place_fault(const mps_json_place *place, const char *name, const char *what)
{
    if (*place->fault)
        return;
    char *raw = g_strconcat(place->place, name, NULL);
    char *printable = mps_printable(raw);
    *place->fault = g_strdup_printf("%s: %s", printable, what);
    g_free(printable);
    g_free(raw);
}

/* @return a member that is there; NULL, with a fault if it is needed */
static const json_t *member(const mps_json_place *place, const char *name, bool needed)
{
    const json_t *node =
        place->object && !*place->fault ? json_object_get(place->object, name) : NULL;
    if (!node && needed)
        mps_place_fault(place, name, "is missing");
    return node;
}

mps_json_place mps_place_member(const mps_json_place *parent, const char *name, bool needed)
{
    const json_t *node = member(parent, name, needed);
    const bool is_object = json_is_object(node);
    if (node && !is_object)
        mps_place_fault(parent, name, "must be an object");
    return (mps_json_place){is_object ? node : NULL, g_strdup_printf("%s%s.", parent->place, name),
                            parent->fault};
}

mps_json_place mps_place_element(const mps_json_place *parent, const char *name,
                                 const json_t *array, size_t index)
{
    const json_t *node = json_array_get(array, index);
    const bool is_object = json_is_object(node);
    char *own = g_strdup_printf("%s[%zu]", name, index);
    if (!is_object)
        mps_place_fault(parent, own, "must be an object");
    mps_json_place place = {is_object ? node : NULL, g_strdup_printf("%s%s.", parent->place, own),
                            parent->fault};
    g_free(own);
    return place;
}

void mps_place_clear(mps_json_place *place)
{
    g_free(place->place);
    place->place = NULL;
}

void mps_place_check_names(const mps_json_place *place, const char *const *known)
{
    json_t *object = (json_t *)place->object; /* the iterator of jansson does not change it */
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *name = json_object_iter_key(at);
        if (g_strv_contains(known, name))
            continue;
        char *list = g_strjoinv(", ", (char **)known);
        char *what = g_strdup_printf("unknown; known here: %s", list);
        mps_place_fault(place, name, what);
        g_free(what);
        g_free(list);
    }
}

static bool is_within(const mps_number_range *range, double value)
{
    return isfinite(value) && value >= range->least && value <= range->most &&
           !(range->below_most && value >= range->most) && !(range->whole && value != floor(value));
}

static void take_number(const mps_json_place *place, const char *name, const json_t *node,
                        const mps_number_range *range, double *value)
{
    const double given = json_is_number(node) ? json_number_value(node) : NAN;
    if (is_within(range, given)) {
        *value = given;
        return;
    }
    char *what =
        g_strdup_printf("must be a %snumber from %.10g to %s%.10g", range->whole ? "whole " : "",
                        range->least, range->below_most ? "below " : "", range->most);
    mps_place_fault(place, name, what);
    g_free(what);
}

void mps_place_number(const mps_json_place *place, const char *name, const mps_number_range *range,
                      bool needed, double *value)
{
    const json_t *node = member(place, name, needed);
    if (node)
        take_number(place, name, node, range, value);
}

void mps_place_both_ways(const mps_json_place *place, const char *name,
                         const mps_number_range *range, bool needed, double values[2])
{
    static const char *const known[] = {"c2s", "s2c", NULL};
    const json_t *node = member(place, name, needed);
    if (node && !json_is_object(node)) {
        take_number(place, name, node, range, &values[MPS_C2S]);
        values[MPS_S2C] = values[MPS_C2S];
    } else if (node) {
        mps_json_place both = mps_place_member(place, name, needed);
        mps_place_check_names(&both, known);
        for (unsigned i = 0; i < 2; i++)
            mps_place_number(&both, mps_direction_name((mps_direction)i), range, true, &values[i]);
        mps_place_clear(&both);
    }
}

bool mps_place_bool(const mps_json_place *place, const char *name, bool *value)
{
    const json_t *node = member(place, name, false);
    if (!node)
        return false;
    if (json_is_boolean(node))
        *value = json_is_true(node);
    else
        mps_place_fault(place, name, "must be true or false");
    return true;
}

const char *mps_place_string(const mps_json_place *place, const char *name)
{
    const json_t *node = member(place, name, false);
    if (!node)
        return NULL;
    if (json_is_string(node))
        return json_string_value(node);
    mps_place_fault(place, name, "must be a string");
    return NULL;
}

const json_t *mps_place_list(const mps_json_place *place, const char *name, guint most)
{
    const json_t *node = member(place, name, true);
    const size_t count = json_array_size(node); /* 0 of what is no array */
    if (count >= 1 && count <= most)
        return node;
    char *what = g_strdup_printf("must be a list of 1 to %u", most);
    mps_place_fault(place, name, what);
    g_free(what);
    return NULL;
}
