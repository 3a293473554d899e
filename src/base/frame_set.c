/* frame_set.c: a set of frame numbers: a bit for each, in words of 64.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "frame_set.h"
#include "hash.h"
#include "sorted.h"

#define WORD_BITS 64u

/* Frames of several interfaces come nearly in order. So many words that are missing before a new
 * one are made at once, as the frames in them may come next. */
#define MADE_MAX 32u

typedef struct {
    uint32_t number; /* of the frames divided by WORD_BITS */
    uint64_t bits;
} frame_word;

void mps_frame_set_clear(mps_frame_set *set)
{
    if (set->words)
        g_array_free(set->words, TRUE);
    if (set->late)
        g_hash_table_destroy(set->late);
    *set = (mps_frame_set){0};
}

static bool is_below(const void *element, const void *key)
{
    return ((const frame_word *)element)->number < *(const uint32_t *)key;
}

/* @return the word with this number; NULL: there is none */
static frame_word *find(const mps_frame_set *set, uint32_t number)
{
    if (!set->words)
        return NULL;
    frame_word *words = (frame_word *)(void *)set->words->data;
    guint at = set->words->len - 1; /* as a rule a frame is near the latest one */
    if (words[at].number == number)
        return &words[at];
    at = number - words[0].number; /* its place, if no word is missing */
    if (at < set->words->len && words[at].number == number)
        return &words[at];
    at = mps_sorted_place(set->words, is_below, &number);
    if (at < set->words->len && words[at].number == number)
        return &words[at];
    return set->late ? g_hash_table_lookup(set->late, GUINT_TO_POINTER(number)) : NULL;
}

/* @return the number of the latest word. @param set  has words */
static uint32_t latest(const mps_frame_set *set)
{
    return g_array_index(set->words, frame_word, set->words->len - 1).number;
}

/* Make the words before a new one, if they are few. */
static void make_missing(mps_frame_set *set, uint32_t number)
{
    if (set->words->len == 0 || number - latest(set) > MADE_MAX)
        return;
    for (frame_word missing = {latest(set) + 1, 0}; missing.number < number; missing.number++)
        g_array_append_val(set->words, missing);
}

static frame_word *add_word(mps_frame_set *set, uint32_t number)
{
    const frame_word word = {number, 0};
    if (!set->words)
        set->words = g_array_new(FALSE, FALSE, sizeof word);
    if (set->words->len == 0 || latest(set) < number) {
        make_missing(set, number);
        g_array_append_val(set->words, word);
        return &g_array_index(set->words, frame_word, set->words->len - 1);
    }
    if (!set->late)
        set->late = g_hash_table_new_full(mps_hash_number, NULL, NULL, g_free);
    frame_word *late = g_memdup2(&word, sizeof word);
    g_hash_table_insert(set->late, GUINT_TO_POINTER(number), late);
    return late;
}

void mps_frame_set_add(mps_frame_set *set, uint32_t frame)
{
    uint32_t number = frame / WORD_BITS;
    frame_word *word = find(set, number);
    if (!word)
        word = add_word(set, number);
    word->bits |= UINT64_C(1) << frame % WORD_BITS;
}

bool mps_frame_set_has(const mps_frame_set *set, uint32_t frame)
{
    const frame_word *word = find(set, frame / WORD_BITS);
    return word && word->bits >> frame % WORD_BITS & 1;
}
