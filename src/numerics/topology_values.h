/* topology_values.h: the members of JSON objects, checked.
 *
 * The functions set a fault where a member is not as it must be, and do nothing once there is one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TOPOLOGY_VALUES_H
#define MPS_TOPOLOGY_VALUES_H

#include "base/json.h"
#include <mptcpscope/types.h>

/* What is allowed for a number. */
typedef struct {
    double least, most;
    bool below_most; /* `most` itself is not allowed */
    bool whole;      /* it has no fraction */
} mps_number_range;

/* An object of a document, and what is wrong. */
typedef struct {
    const json_t *object; /* NULL: there is none; all members are missing */
    char *place;          /* "paths[1]."; "" at the top; owned */
    char **fault; /* where to put what is wrong; owned by the caller; points to NULL: nothing
                   * yet */
} mps_json_place;

/** @return the place of an object that is a member; cleared by the caller with
 *  mps_place_clear(). A member that is missing gives a place without object, and a fault if it is
 *  needed. */
mps_json_place mps_place_member(const mps_json_place *parent, const char *name, bool needed);

/** @return the place of an object that is an element of an array. @param name  of the array */
mps_json_place mps_place_element(const mps_json_place *parent, const char *name,
                                 const json_t *array, size_t index);

/** Free what a place owns. */
void mps_place_clear(mps_json_place *place);

/** Check that an object has no other members. @param known  ended by NULL */
void mps_place_check_names(const mps_json_place *place, const char *const *known);

/** Set a fault about a member, unless there is one. @param name  of the member @param what  of it
 */
void mps_place_fault(const mps_json_place *place, const char *name, const char *what);

/** Read a number. @param value  left as it is if the member is missing and not needed */
void mps_place_number(const mps_json_place *place, const char *name, const mps_number_range *range,
                      bool needed, double *value);

/** Read a number for both directions: one number, or an object of c2s and s2c.
 *  @param values  by mps_direction */
void mps_place_both_ways(const mps_json_place *place, const char *name,
                         const mps_number_range *range, bool needed, double values[2]);

/** Read true or false. @return whether the member is there */
bool mps_place_bool(const mps_json_place *place, const char *name, bool *value);

/** @return a string, owned by the document; NULL: it is missing. */
const char *mps_place_string(const mps_json_place *place, const char *name);

/** @return a list of at least one and at most `most` elements, owned by the document; NULL, with a
 *  fault, if there is none. */
const json_t *mps_place_list(const mps_json_place *place, const char *name, guint most);

#endif
