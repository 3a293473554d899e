// SPDX-License-Identifier: GPL-2.0-or-later
//
// record.c: keeps the forwarding record and writes it as CSV.

#include "record.h"

#include <inttypes.h>
#include <stdlib.h>

size_t record_add(struct record *record, const struct record_entry *entry)
{
    if (record->count == record->capacity) {
        record->capacity = record->capacity ? record->capacity * 2 : 1024;
        record->entries = realloc(record->entries, record->capacity * sizeof *record->entries);
        if (!record->entries) {
            fputs("emulator: out of memory\n", stderr);
            abort();
        }
    }
    record->entries[record->count] = *entry;
    return record->count++;
}

void record_sent(struct record *record, size_t index, int64_t time)
{
    struct record_entry *entry = &record->entries[index];
    uint64_t output = ++record->outputs;
    if (entry->output[0]) {
        entry->output[1] = output;
        entry->verdict = VERDICT_DUPLICATED;
        return;
    }
    entry->output[0] = output;
    entry->sent = time;
    if (entry->verdict == VERDICT_PENDING) {
        entry->verdict = VERDICT_FORWARDED;
    }
}

void record_write_header(FILE *file)
{
    fputs("direction,input,output,output2,received,sent,verdict,is_tcp,length,input_crc,"
          "output_length,output_crc,offset,payload,sequence,flow,queued,frozen,service\n",
          file);
}

void record_write(const struct record *record, const char *direction, FILE *file)
{
    static const char *const verdicts[] = {
        [VERDICT_PENDING] = "pending",
        [VERDICT_FORWARDED] = "forwarded",
        [VERDICT_DUPLICATED] = "duplicated",
        [VERDICT_REORDERED] = "reordered",
        [VERDICT_LOST] = "lost",
        [VERDICT_QUEUE] = "queue",
        [VERDICT_REFUSED] = "refused",
    };
    for (size_t i = 0; i < record->count; i++) {
        const struct record_entry *entry = &record->entries[i];
        fprintf(file, "%s,%" PRIu64 ",", direction, entry->input);
        for (int copy = 0; copy < 2; copy++) {
            if (entry->output[copy]) {
                fprintf(file, "%" PRIu64, entry->output[copy]);
            }
            putc(',', file);
        }
        fprintf(file, "%" PRId64 ",", entry->received);
        if (entry->output[0]) {
            fprintf(file, "%" PRId64, entry->sent);
        }
        fprintf(file, ",%s,%d,%zu,%08" PRIx32 ",%zu,%08" PRIx32, verdicts[entry->verdict],
                entry->is_tcp, entry->length, entry->input_print, entry->output_length,
                entry->output_print);
        fprintf(file, ",%zu,%zu,%" PRIu32 ",%08" PRIx32, entry->offset, entry->payload,
                entry->sequence, entry->flow);
        fprintf(file, ",%" PRId64 ",%" PRId64 ",%" PRId64 "\n", entry->queued, entry->frozen,
                entry->service);
    }
}

void record_free(struct record *record)
{
    free(record->entries);
    *record = (struct record){0};
}
