/* record_log.c: records of numbers, kept as their differences.
 *
 * A record is a number whose bits tell which of its numbers changed, and then these changes. Each
 * is written seven bits a byte, the lowest first; all bytes but the last have the upper bit set. A
 * change is doubled; one below zero is turned into an odd number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "record_log.h"
#include <string.h>

/* Bytes that 64 bits may take, and a record. */
#define NUMBER_BYTES_MAX 10u
#define RECORD_BYTES_MAX ((MPS_RECORD_NUMBERS_MAX + 1) * NUMBER_BYTES_MAX)

/* Room of the first block of a stretch, and of any, bytes. Each block has twice as much as the one
 * before: a flood of flows has few records of each. */
#define BLOCK_ROOM_MIN 40u
#define BLOCK_ROOM_MAX 4096u

/* A stretch with no larger block is short: its latest record is not kept as it is. */
#define SHORT_ROOM_MAX (2 * BLOCK_ROOM_MIN)

/* Whole records. */
struct mps_record_block {
    mps_record_block *next; /* NULL: this is the last */
    uint32_t used, room;    /* bytes */
    uint8_t bytes[];
};

static uint8_t *write_number(uint8_t *to, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *to++ = (uint8_t)(number | 0x80);
    *to++ = (uint8_t)number;
    return to;
}

static const uint8_t *read_number(const uint8_t *from, uint64_t *number)
{
    *number = *from & 0x7f;
    for (unsigned shift = 7; *from++ & 0x80; shift += 7)
        *number |= (uint64_t)(*from & 0x7f) << shift;
    return from;
}

/* @return a change as a number that is small where the change is, in either direction */
static uint64_t fold(uint64_t change)
{
    return change << 1 ^ (change >> 63 ? UINT64_MAX : 0);
}

static uint64_t unfold(uint64_t folded)
{
    return folded >> 1 ^ (folded & 1 ? UINT64_MAX : 0);
}

static bool is_earlier(const uint64_t *record, const uint64_t *other)
{
    return (int64_t)record[MPS_RECORD_TIME] < (int64_t)other[MPS_RECORD_TIME] ||
           record[MPS_RECORD_FRAME] < other[MPS_RECORD_FRAME];
}

/* @param room  bytes of the first block */
static mps_record_stretch *begin_stretch(mps_record_log *log, uint32_t room)
{
    mps_record_stretch *stretch = g_malloc(sizeof *stretch + sizeof(mps_record_block) + room);
    mps_record_block *first = (mps_record_block *)(stretch + 1);
    *first = (mps_record_block){.room = room};
    *stretch = (mps_record_stretch){.first = first, .last = first};
    *(log->last ? &log->last->next : &log->first) = stretch;
    return log->last = stretch;
}

/* Add a block for at least so many bytes. @param latest  the latest record */
static mps_record_block *add_block(mps_record_stretch *stretch, uint32_t bytes,
                                   const uint64_t *latest)
{
    const uint32_t room = MIN(2 * stretch->last->room, BLOCK_ROOM_MAX);
    mps_record_block *block = g_malloc(sizeof *block + MAX(room, bytes));
    *block = (mps_record_block){.room = MAX(room, bytes)};
    if (block->room > SHORT_ROOM_MAX && !stretch->latest)
        stretch->latest = g_memdup2(latest, MPS_RECORD_NUMBERS_MAX * sizeof *latest);
    stretch->last->next = block;
    return stretch->last = block;
}

/* @return the latest record of a stretch, which may be changed with it. @param room  it may be
 * written there */
static uint64_t *latest_of(const mps_record_stretch *stretch, uint64_t room[MPS_RECORD_NUMBERS_MAX])
{
    mps_record_reader reader;
    if (stretch->latest)
        return stretch->latest;
    mps_record_reader_begin(&reader, stretch);
    while (mps_record_reader_next(&reader))
        continue;
    return memcpy(room, reader.numbers, sizeof reader.numbers);
}

void mps_record_log_latest(const mps_record_log *log, uint64_t numbers[MPS_RECORD_NUMBERS_MAX])
{
    const size_t size = MPS_RECORD_NUMBERS_MAX * sizeof *numbers;
    const uint64_t *latest = log->last ? latest_of(log->last, numbers) : NULL;
    if (!latest)
        memset(numbers, 0, size);
    else if (latest != numbers)
        memcpy(numbers, latest, size);
}

void mps_record_log_add(mps_record_log *log, const uint64_t *numbers, unsigned count)
{
    uint8_t bytes[RECORD_BYTES_MAX];
    mps_record_stretch *stretch = log->last;
    uint64_t room[MPS_RECORD_NUMBERS_MAX] = {0}, changed = 0;
    uint64_t *latest = stretch ? latest_of(stretch, room) : room;
    if (stretch && is_earlier(numbers, latest)) {
        stretch = NULL;
        latest = memset(room, 0, sizeof room);
    }
    for (unsigned i = 0; i < count; i++)
        changed |= (uint64_t)(numbers[i] != latest[i]) << i;
    uint8_t *end = write_number(bytes, changed);
    for (unsigned i = 0; i < count; i++) {
        if (numbers[i] == latest[i])
            continue;
        end = write_number(end, fold(numbers[i] - latest[i]));
        latest[i] = numbers[i];
    }
    const uint32_t size = (uint32_t)(end - bytes);
    if (!stretch)
        stretch = begin_stretch(log, MAX(size, BLOCK_ROOM_MIN));
    mps_record_block *block = stretch->last;
    if (block->room - block->used < size)
        block = add_block(stretch, size, latest);
    memcpy(block->bytes + block->used, bytes, size);
    block->used += size;
}

void mps_record_log_clear(mps_record_log *log)
{
    while (log->first) {
        mps_record_stretch *stretch = log->first;
        log->first = stretch->next;
        while (stretch->first->next) {
            mps_record_block *block = stretch->first->next;
            stretch->first->next = block->next;
            g_free(block);
        }
        g_free(stretch->latest);
        g_free(stretch);
    }
    log->last = NULL;
}

void mps_record_reader_begin(mps_record_reader *reader, const mps_record_stretch *stretch)
{
    *reader = (mps_record_reader){.block = stretch->first};
}

bool mps_record_reader_next(mps_record_reader *reader)
{
    if (reader->block && reader->at == reader->block->used) {
        reader->block = reader->block->next;
        reader->at = 0;
    }
    if (!reader->block)
        return false;
    uint64_t changed, folded;
    const uint8_t *at = read_number(reader->block->bytes + reader->at, &changed);
    for (unsigned i = 0; changed >> i; i++) {
        if (!(changed >> i & 1))
            continue;
        at = read_number(at, &folded);
        reader->numbers[i] += unfold(folded);
    }
    reader->at = (uint32_t)(at - reader->block->bytes);
    return true;
}
