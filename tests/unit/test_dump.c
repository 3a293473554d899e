/* test_dump.c: the dump's reader reads what the writer writes, and refuses everything else.
 *
 * The tracker is a fake whose numbers the test can change. The linker takes its functions from
 * here, before those of the library.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/input.h"
#include "dump/dump_format.h"
#include "dump/dump_reader.h"
#include "same_segment.h"
#include "segment/option_parse.h"
#include "tracker/tracker_state.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <mptcpscope/dump.h>
#include <mptcpscope/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ROWS 5000u
#define FIRST_LINE "# mptcpscope dump, version 1; capture a.pcap\n"
#define FACTS_ROW "1,2,0,10.0.0.1,80,10.0.0.2,81,7,64,0,1,2,16,100,9,0,20,5,,,,,,,"

/* ---- the fake tracker: subflow `id` is subflow id % 3 of connection id / 3, plus the generation;
 * subflow 9 has no numbers ---- */

struct mps_tracker {
    uint32_t generation;
};

void mps_tracker_numbers(const mps_tracker *tracker, uint32_t id, uint32_t *connection,
                         uint32_t *subflow)
{
    *connection = id == 9 ? MPS_NONE : id / 3 + tracker->generation;
    *subflow = id == 9 ? MPS_NONE : (id + tracker->generation) % 3;
}

mps_direction mps_tracker_direction(const mps_tracker *tracker, uint32_t id, uint8_t half)
{
    return (id + half + tracker->generation) % 2 == 0 ? MPS_C2S : MPS_S2C;
}

uint32_t mps_tracker_generation(const mps_tracker *tracker)
{
    return tracker->generation;
}

uint32_t mps_tracker_copy_of(const mps_tracker *tracker, const mps_verdict *verdict)
{
    (void)tracker;
    return verdict->copy;
}

uint32_t mps_tracker_late(const mps_tracker *tracker)
{
    (void)tracker;
    return 0;
}

const mps_verdict *mps_tracker_final(const mps_tracker *tracker, const mps_verdict *verdict)
{
    (void)tracker;
    return verdict;
}

mps_dsn mps_tracker_dsn(const mps_tracker *tracker, const mps_verdict *verdict)
{
    (void)tracker;
    return (mps_dsn){true, verdict->half == 0, verdict->dsn, verdict->dsn - 5};
}

/* ---- helpers ---- */

static char *folder;
static GRand *dice;

static int begin(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("mptcpscope-test-XXXXXX", NULL);
    dice = g_rand_new_with_seed(20);
    return folder == NULL;
}

static int end(void **state)
{
    (void)state;
    const char *name;
    GDir *dir = g_dir_open(folder, 0, NULL);
    while ((name = g_dir_read_name(dir)) != NULL) {
        char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    g_dir_close(dir);
    int result = g_rmdir(folder);
    g_free(folder);
    g_rand_free(dice);
    return result;
}

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static bool chance(unsigned one_in)
{
    return g_rand_int(dice) % one_in == 0;
}

/* Numbers of every length, the extremes among them. */
static uint64_t random_bits(unsigned bits)
{
    uint64_t all = (uint64_t)g_rand_int(dice) << 32 | g_rand_int(dice);
    uint64_t mask = UINT64_MAX >> (64 - bits);
    if (chance(20))
        return chance(2) ? mask : 0;
    return (all & mask) >> g_rand_int(dice) % bits;
}

static mps_address random_address(void)
{
    mps_address address = {0};
    address.length = chance(2) ? 4 : 16;
    for (unsigned i = 0; i < address.length; i++)
        address.bytes[i] = (uint8_t)(chance(3) ? 0 : g_rand_int(dice) % 4);
    return address;
}

/* Half of the time valid options (timestamps, SACK, a DSS), otherwise noise. */
static void random_options(mps_segment *segment)
{
    static const uint8_t some[MPS_TCP_OPTIONS_MAX] = {
        8,  10, 0,    0,    0, 1, 0, 0, 0, 2, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4,
        30, 20, 0x20, 0x05, 0, 0, 0, 5, 0, 0, 0, 6,  0, 0, 0, 7, 0, 8, 1, 1};
    uint8_t options[MPS_TCP_OPTIONS_MAX];
    bool meaning = chance(2);
    size_t space = segment->header_length - 20u;
    for (unsigned i = 0; i < sizeof options; i++)
        options[i] = meaning ? some[i] : (uint8_t)g_rand_int(dice);
    size_t captured = chance(3) && space > 0 ? g_rand_int(dice) % space : space;
    mps_segment_parse_options(segment, options, captured);
}

static void random_segment(mps_segment *segment)
{
    memset(segment, 0, sizeof *segment);
    segment->frame = (uint32_t)random_bits(32) | 1;
    segment->tcp_stream = chance(10) ? -1 : (int32_t)random_bits(31);
    segment->time = (int64_t)random_bits(62) * (chance(5) ? -1 : 1);
    if (chance(50))
        segment->time = chance(2) ? -MPS_TIME_MAX : MPS_TIME_MAX;
    segment->source = random_address();
    segment->destination = random_address();
    segment->ip_id = chance(3) ? -1 : (int32_t)random_bits(16);
    segment->ttl = (uint8_t)random_bits(8);
    segment->tos = (uint8_t)random_bits(8);
    segment->source_port = (uint16_t)random_bits(16);
    segment->destination_port = (uint16_t)random_bits(16);
    segment->seq = (uint32_t)random_bits(32);
    segment->ack = (uint32_t)random_bits(32);
    segment->flags = (uint16_t)random_bits(12);
    segment->window = (uint16_t)random_bits(16);
    segment->checksum = (uint16_t)random_bits(16);
    segment->urgent = (uint16_t)random_bits(16);
    segment->header_length = (uint8_t)(20 + g_rand_int(dice) % 11 * 4);
    segment->length = chance(20) ? MPS_PAYLOAD_MAX : (uint32_t)random_bits(30);
    segment->has_payload_sum = chance(2);
    segment->payload_sum = segment->has_payload_sum ? (uint16_t)random_bits(16) : 0;
    segment->link = (mps_link_facts){
        .interface = chance(3) ? MPS_NONE : (uint32_t)random_bits(32) & ~1u,
        .link_index = (uint32_t)random_bits(32),
        .source = random_bits(48),
        .destination = random_bits(48),
        .way = (mps_way)(g_rand_int(dice) % (MPS_WAY_OTHER + 1)),
    };
    random_options(segment);
}

static mps_verdict verdict_of(uint32_t row)
{
    return (mps_verdict){.subflow = row % 10,
                         .length = 10,
                         .retransmitted = 3,
                         .data = -7,
                         .reinjected = INT32_MIN,
                         .unmapped = INT32_MAX,
                         .dsn = UINT64_MAX - row,
                         .half = row % 4 < 2,
                         .has_dsn = row % 3 != 0,
                         .data_fin = row % 5 == 0};
}

/* ---- round trips ---- */

static void write_rows(const char *path, const mps_segment *segments)
{
    mps_tracker tracker = {0};
    GError *error = NULL;
    mps_dump_writer *writer = mps_dump_writer_new(path, "a b, \"c\"\n\\x\xff\xc3\xa4.pcap", &error);
    assert_non_null(writer);
    for (uint32_t i = 0; i < ROWS; i++) {
        mps_verdict verdict = verdict_of(i);
        mps_dump_write(writer, &tracker, &segments[i], chance(4) ? NULL : &verdict);
    }
    assert_true(mps_dump_writer_close(writer, &tracker, &error));
    assert_null(error);
}

static void reads_every_fact_back(void **state)
{
    (void)state;
    static const char *const names[] = {"a.csv", "a.csv.gz", "a.csv.zst"};
    mps_segment *segments = g_new(mps_segment, ROWS), segment;
    for (uint32_t i = 0; i < ROWS; i++)
        random_segment(&segments[i]);
    for (unsigned n = 0; n < G_N_ELEMENTS(names); n++) {
        char *path = in_folder(names[n]);
        GError *error = NULL;
        write_rows(path, segments);
        mps_dump *dump = mps_dump_open(path, &error);
        assert_non_null(dump);
        assert_string_equal(mps_dump_capture(dump), "a b, \"c\"\n\\x\xff\xc3\xa4.pcap");
        for (uint32_t i = 0; i < ROWS; i++) {
            memset(&segment, 0xaa, sizeof segment);
            assert_int_equal(mps_dump_next(dump, &segment, &error), 1);
            assert_same_segment(&segments[i], &segment);
        }
        assert_int_equal(mps_dump_next(dump, &segment, &error), 0);
        assert_int_equal(mps_dump_next(dump, &segment, &error), 0);
        mps_dump_close(dump);
        g_free(path);
    }
    g_free(segments);
}

/* Write one segment with a DSS (4-byte DATA_ACK and DSN, DATA_FIN), and one without options. */
static void write_two(const char *path, const char *capture)
{
    static const uint8_t options[] = {1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 30, 18, 0x20, 0x15, 0,
                                      0, 0, 5, 0,  0, 0, 6, 0, 0, 0, 7, 0, 8,  30, 3,    0xf0, 0};
    mps_tracker tracker = {0};
    mps_verdict verdict = verdict_of(5);
    verdict.copy = 7;
    mps_segment segment = {.frame = 1, .tcp_stream = 2, .time = -3, .ip_id = -1, .ttl = 64};
    assert_true(mps_address_from_text(&segment.source, "10.1.2.3"));
    assert_true(mps_address_from_text(&segment.destination, "fd00::1"));
    segment.source_port = 1000;
    segment.destination_port = 65535;
    segment.flags = 0x18;
    segment.header_length = 60;
    segment.length = 7;
    segment.link = (mps_link_facts){3, 4, 0x0242ac110002, 0, MPS_WAY_OUT};
    mps_segment_parse_options(&segment, options, sizeof options);
    mps_dump_writer *writer = mps_dump_writer_new(path, capture, NULL);
    assert_non_null(writer);
    mps_dump_write(writer, &tracker, &segment, &verdict);
    segment.header_length = 20;
    segment.link = MPS_NO_LINK_FACTS;
    mps_segment_parse_options(&segment, NULL, 0);
    mps_dump_write(writer, &tracker, &segment, NULL);
    assert_true(mps_dump_writer_close(writer, &tracker, NULL));
}

static const char two_rows[] =
    MPS_DUMP_FACTS "," MPS_DUMP_DECODED "," MPS_DUMP_NUMBERS "," MPS_DUMP_VERDICT
                   "\n1,-3,2,10.1.2.3,1000,fd00::1,65535,,64,0,0,0,24,0,0,0,60,7,"
                   "0101080a00000009000000081e122015000000050000000600000007"
                   "00081e03f000,,3,4,out,02:42:ac:11:00:02,,9,8,,DSS 0xf,5,6,7,8,1,"
                   "1,2,c2s,7,18446744073709551610,,-7,3,-2147483648,"
                   "2147483647,1\n"
                   "1,-3,2,10.1.2.3,1000,fd00::1,65535,,64,0,0,0,24,0,0,0,20,7,"
                   ",,,,,,,,,,,,,,,,,,,,,,,,,,\n";

static void writes_the_format(void **state)
{
    (void)state;
    char *found = NULL, *path = in_folder("a.csv");
    write_two(path, "a.pcap");
    assert_true(g_file_get_contents(path, &found, NULL, NULL));
    char *expected = g_strconcat(FIRST_LINE, two_rows, NULL);
    assert_string_equal(found, expected);
    g_free(expected);
    g_free(found);
    write_two(path, NULL);
    assert_true(g_file_get_contents(path, &found, NULL, NULL));
    expected = g_strconcat("# mptcpscope dump, version 1; live\n", two_rows, NULL);
    assert_string_equal(found, expected);
    mps_dump *dump = mps_dump_open(path, NULL);
    assert_null(mps_dump_capture(dump));
    mps_dump_close(dump);
    g_free(expected);
    g_free(found);
    g_free(path);
}

/* ---- numbers that the tracker changes ---- */

static void write_changing(const char *path, unsigned changes)
{
    mps_tracker tracker = {7};
    mps_segment segment;
    GError *error = NULL;
    mps_dump_writer *writer = mps_dump_writer_new(path, "a.pcap", &error);
    tracker.generation = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        mps_verdict verdict = verdict_of(i);
        random_segment(&segment);
        if (changes > 0 && i > 0 && i % (ROWS / changes) == 0)
            tracker.generation++;
        mps_dump_write(writer, &tracker, &segment, i % 11 == 0 ? NULL : &verdict);
    }
    tracker.generation = changes;
    assert_true(mps_dump_writer_close(writer, &tracker, &error));
    assert_null(error);
}

static void assert_numbers(const char *path, uint32_t generation)
{
    mps_tracker tracker = {generation};
    mps_input *input = mps_input_new(path, NULL);
    const char *line;
    size_t length;
    for (uint32_t i = 0; mps_input_line(input, &line, &length, NULL) == 1; i++) {
        if (i < 2)
            continue;
        mps_verdict verdict = verdict_of(i - 2);
        char *row = g_strndup(line, length), **cells = g_strsplit(row, ",", -1);
        char expected[40] = ",,";
        uint32_t connection, subflow;
        mps_tracker_numbers(&tracker, verdict.subflow, &connection, &subflow);
        bool s2c = mps_tracker_direction(&tracker, verdict.subflow, verdict.half);
        if ((i - 2) % 11 != 0 && connection == MPS_NONE)
            g_snprintf(expected, sizeof expected, ",,%s", s2c ? "s2c" : "c2s");
        else if ((i - 2) % 11 != 0)
            g_snprintf(expected, sizeof expected, "%u,%u,%s", connection, subflow,
                       s2c ? "s2c" : "c2s");
        assert_int_equal(g_strv_length(cells), 45);
        char *found = g_strjoin(",", cells[34], cells[35], cells[36], NULL);
        assert_string_equal(found, expected);
        g_free(found);
        g_strfreev(cells);
        g_free(row);
    }
    assert_int_equal(mps_input_line_number(input), ROWS + 3); /* two head lines, and the end */
    mps_input_free(input);
}

static void corrects_numbers(void **state)
{
    (void)state;
    static const char *const names[] = {"a.csv", "a.csv.gz", "a.csv.zst"};
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        char *path = in_folder(names[i]);
        for (unsigned changes = 0; changes < 4; changes++) {
            g_rand_set_seed(dice, i);
            write_changing(path, changes);
            assert_numbers(path, changes);
        }
        g_free(path);
    }
}

static gpointer read_fifo(gpointer path)
{
    char *found = NULL;
    g_file_get_contents(path, &found, NULL, NULL);
    return found;
}

static void corrects_numbers_in_a_pipe(void **state)
{
    (void)state;
    char *path = in_folder("fifo"), *copy = in_folder("copy.csv");
    assert_int_equal(mkfifo(path, 0600), 0);
    GThread *thread = g_thread_new("reader", read_fifo, path);
    write_changing(path, 2);
    char *found = g_thread_join(thread);
    assert_true(g_file_set_contents(copy, found, -1, NULL));
    assert_numbers(copy, 2);
    g_free(found);
    g_free(path);
    g_free(copy);
}

/* ---- failures of the writer ---- */

static void assert_error(GError *error, const char *message)
{
    assert_non_null(error);
    assert_int_equal(error->domain, MPS_ERROR);
    assert_string_equal(error->message, message);
    g_error_free(error);
}

static void writer_reports_failures(void **state)
{
    (void)state;
    GError *error = NULL;
    mps_tracker tracker = {0};
    mps_segment segment;
    mps_dump_writer *writer = mps_dump_writer_new("/dev/full", "a.pcap", &error);
    assert_non_null(writer);
    for (uint32_t i = 0; i < ROWS; i++) {
        random_segment(&segment);
        mps_dump_write(writer, &tracker, &segment, NULL);
    }
    assert_false(mps_dump_writer_close(writer, &tracker, &error));
    assert_error(error, g_strerror(ENOSPC));
    error = NULL;
    char *path = in_folder("missing/a.csv");
    assert_null(mps_dump_writer_new(path, "a.pcap", &error));
    assert_error(error, g_strerror(ENOENT));
    g_free(path);
}

static void discard_leaves_nothing(void **state)
{
    (void)state;
    mps_tracker tracker = {0};
    mps_segment segment;
    char *path = in_folder("a.csv.zst");
    mps_dump_writer *writer = mps_dump_writer_new(path, "a.pcap", NULL);
    for (uint32_t i = 0; i < ROWS; i++) {
        random_segment(&segment);
        mps_dump_write(writer, &tracker, &segment, NULL);
    }
    mps_dump_writer_discard(writer);
    GDir *dir = g_dir_open(folder, 0, NULL);
    assert_null(g_dir_read_name(dir));
    g_dir_close(dir);
    g_free(path);
}

/* ---- files that are no dumps ---- */

/* Read a file until the expected error. */
static void assert_bad_file(const char *path, const char *message)
{
    mps_segment segment;
    GError *error = NULL;
    int result = 1;
    mps_dump *dump = mps_dump_open(path, &error);
    while (dump != NULL && result == 1)
        result = mps_dump_next(dump, &segment, &error);
    assert_true(dump == NULL || result == -1);
    mps_dump_close(dump);
    assert_error(error, message);
}

static void assert_bad(const char *text, const char *message)
{
    char *path = in_folder("bad");
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_bad_file(path, message);
    g_free(path);
}

static void refuses_other_files(void **state)
{
    (void)state;
    const char *foreign = "not a dump: it does not begin with \"" MPS_DUMP_MAGIC "\"";
    char *missing = in_folder("missing"), *long_line = g_strnfill(200000, 'x');
    assert_bad_file(missing, g_strerror(ENOENT));
    assert_bad_file(folder, g_strerror(EISDIR));
    assert_bad("", "the file is empty");
    assert_bad("x", foreign);
    assert_bad("frame,time_ns\n1,2\n", foreign);
    assert_bad(long_line, foreign);
    assert_bad(MPS_DUMP_MAGIC "7; capture a\n" MPS_DUMP_FACTS "\n",
               "the dump has version 7; this program reads version 1");
    assert_bad(MPS_DUMP_MAGIC "1.5; capture a\n",
               "the dump has version 1.5; this program reads version 1");
    assert_bad(MPS_DUMP_MAGIC "x\n", "line 1: no version number after \"" MPS_DUMP_MAGIC "\"");
    assert_bad(MPS_DUMP_MAGIC "1; capture a", "the file is cut off in line 1");
    assert_bad(FIRST_LINE, "the file ends before its header line");
    assert_bad(FIRST_LINE "frame,time_ns\n", "line 2: the column tcp_stream is missing");
    assert_bad(FIRST_LINE MPS_DUMP_FACTS ",seq\n", "line 2: the column seq appears twice");
    g_free(missing);
    g_free(long_line);
}

/* Read a row with one cell changed. */
static void assert_bad_cell(const char *column, const char *cell, const char *message)
{
    char **names = g_strsplit(MPS_DUMP_FACTS, ",", -1);
    char **cells = g_strsplit(FACTS_ROW, ",", -1);
    for (unsigned i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], column) != 0)
            continue;
        g_free(cells[i]);
        cells[i] = g_strdup(cell);
    }
    char *row = g_strjoinv(",", cells);
    char *text = g_strconcat(FIRST_LINE MPS_DUMP_FACTS "\n" FACTS_ROW "\n", row, "\n", NULL);
    assert_bad(text, message);
    g_free(text);
    g_free(row);
    g_strfreev(cells);
    g_strfreev(names);
}

static void refuses_bad_cells(void **state)
{
    (void)state;
    assert_bad_cell("frame", "0", "line 4, column frame: \"0\" is out of range (1 to 4294967295)");
    assert_bad_cell("frame", "", "line 4, column frame: \"\" is not a number");
    assert_bad_cell("seq", "4294967296",
                    "line 4, column seq: \"4294967296\" is out of range (0 to 4294967295)");
    assert_bad_cell("ack", "-1", "line 4, column ack: \"-1\" is not a number");
    assert_bad_cell("window", "12x", "line 4, column window: \"12x\" is not a number");
    assert_bad_cell("window", "1.0", "line 4, column window: \"1.0\" is not a number");
    assert_bad_cell("window", "99999999999999999999",
                    "line 4, column window: \"99999999999999999999\" is not a number");
    assert_bad_cell("ttl", "256", "line 4, column ttl: \"256\" is out of range (0 to 255)");
    assert_bad_cell("flags", "4096", "line 4, column flags: \"4096\" is out of range (0 to 4095)");
    assert_bad_cell("ip_id", "65536",
                    "line 4, column ip_id: \"65536\" is out of range (0 to 65535)");
    assert_bad_cell("time_ns", "9223372036854775808",
                    "line 4, column time_ns: \"9223372036854775808\" is out of range");
    assert_bad_cell("time_ns", "-9223372036854775809",
                    "line 4, column time_ns: \"-9223372036854775809\" is out of range");
    assert_bad_cell("payload_sum", "65536",
                    "line 4, column payload_sum: \"65536\" is out of range (0 to 65535)");
    assert_bad_cell("interface", "4294967295",
                    "line 4, column interface: \"4294967295\" is out of range (0 to 4294967294)");
    assert_bad_cell("link_index", "0",
                    "line 4, column link_index: \"0\" is out of range (1 to 4294967295)");
    assert_bad_cell("way", "inn", "line 4, column way: \"inn\" is not in, out or other");
    assert_bad_cell("way", "i", "line 4, column way: \"i\" is not in, out or other");
    assert_bad_cell(
        "link_source", "02:42:ac:11:00:0",
        "line 4, column link_source: \"02:42:ac:11:00:0\" is not a link address of 6 bytes");
    assert_bad_cell("link_destination", "02:42:ac:11:00:02:03",
                    "line 4, column link_destination: \"02:42:ac:11:00:02:03\" is not a link "
                    "address of 6 bytes");
    assert_bad_cell(
        "link_destination", "02:42:AC:11:00:02",
        "line 4, column link_destination: \"02:42:AC:11:00:02\" is not a link address of 6 bytes");
    assert_bad_cell("time_ns", "1.5",
                    "line 4, column time_ns: \"1.5\" is not a number of nanoseconds");
    assert_bad_cell("source", "", "line 4, column source: \"\" is not an IP address");
    assert_bad_cell("source", "10.0.0.256",
                    "line 4, column source: \"10.0.0.256\" is not an IP address");
    assert_bad_cell("destination", "fd00::1::2\001",
                    "line 4, column destination: \"fd00::1::2\\001\" is not an IP address");
    assert_bad_cell("destination", "0123456789012345678901234567890123456789012345678",
                    "line 4, column destination: \"0123456789012345678901234567890123456789...\" "
                    "is not an IP address");
}

static void refuses_bad_options(void **state)
{
    (void)state;
    char *eighty = g_strnfill(82, '0');
    assert_bad_cell("header_length", "19",
                    "line 4, column header_length: \"19\" is out of range (20 to 60)");
    assert_bad_cell("header_length", "22",
                    "line 4, column header_length: \"22\" is not a multiple of 4");
    assert_bad_cell("tcp_options", "01",
                    "line 4, column tcp_options: 1 bytes, but a header_length of 20 leaves room "
                    "for 0");
    assert_bad_cell("tcp_options", "0",
                    "line 4, column tcp_options: \"0\" is not pairs of lower-case hex digits");
    assert_bad_cell("tcp_options", "0A",
                    "line 4, column tcp_options: \"0A\" is not pairs of lower-case hex digits");
    assert_bad_cell("tcp_options", eighty,
                    "line 4, column tcp_options: \"0000000000000000000000000000000000000000...\" "
                    "is more than a TCP header can hold");
    g_free(eighty);
}

/* Lines that end with \r\n: \r is part of no cell, nor of the capture's name. */
static void reads_crlf(void **state)
{
    (void)state;
    char *path = in_folder("crlf.csv");
    const char *text = "# mptcpscope dump, version 1; capture a.pcap\r\n" MPS_DUMP_FACTS
                       "\r\n" FACTS_ROW "02:42:ac:11:00:02\r\n" FACTS_ROW "\r\n";
    assert_true(g_file_set_contents(path, text, -1, NULL));
    mps_dump *dump = mps_dump_open(path, NULL);
    mps_segment segment;
    assert_non_null(dump);
    assert_string_equal(mps_dump_capture(dump), "a.pcap");
    for (int i = 0; i < 2; i++)
        assert_int_equal(mps_dump_next(dump, &segment, NULL), 1);
    assert_int_equal(mps_dump_next(dump, &segment, NULL), 0);
    mps_dump_close(dump);
    g_free(path);
    assert_bad(FIRST_LINE MPS_DUMP_FACTS "\n1\r2\n",
               "line 3, column frame: \"1\\r2\" is not a number");
}

static void refuses_bad_rows(void **state)
{
    (void)state;
    char *long_row = g_strnfill(70000, '1');
    char *text = g_strconcat(FIRST_LINE MPS_DUMP_FACTS "\n", long_row, "\n", NULL);
    assert_bad(text, "line 3: longer than 64 KiB");
    assert_bad(FIRST_LINE MPS_DUMP_FACTS "\n" FACTS_ROW ",\n",
               "line 3: 26 cells, but the header line names 25 columns");
    assert_bad(FIRST_LINE MPS_DUMP_FACTS "\n1,2,3\n",
               "line 3: 3 cells, but the header line names 25 columns");
    assert_bad(FIRST_LINE MPS_DUMP_FACTS "\n\n", "line 3, column frame: \"\" is not a number");
    assert_bad(FIRST_LINE MPS_DUMP_FACTS "\n" FACTS_ROW "\n" FACTS_ROW,
               "the file is cut off in line 4");
    g_free(text);
    g_free(long_row);
}

static void refuses_compressed_data_cut_off(void **state)
{
    (void)state;
    static const char *const names[] = {"a.csv.gz", "a.csv.zst"};
    mps_segment *segments = g_new(mps_segment, ROWS);
    for (uint32_t i = 0; i < ROWS; i++)
        random_segment(&segments[i]);
    for (unsigned n = 0; n < G_N_ELEMENTS(names); n++) {
        char *path = in_folder(names[n]);
        char *content = NULL;
        gsize length;
        GError *error = NULL;
        mps_segment segment;
        write_rows(path, segments);
        assert_true(g_file_get_contents(path, &content, &length, NULL));
        assert_true(g_file_set_contents(path, content, (gssize)length - 3, NULL));
        mps_dump *dump = mps_dump_open(path, &error);
        int result;
        do
            result = mps_dump_next(dump, &segment, &error);
        while (result == 1);
        assert_int_equal(result, -1);
        assert_true(error->code == MPS_ERROR_CUT_OFF);
        assert_true(g_str_has_prefix(error->message, "the compressed data are cut off in line "));
        g_error_free(error);
        mps_dump_close(dump);
        assert_true(g_file_set_contents(path, content, 10, NULL));
        assert_bad_file(path, "the compressed data are cut off");
        g_free(content);
        g_free(path);
    }
    g_free(segments);
}

static void finds_columns_by_name(void **state)
{
    (void)state;
    mps_segment segment;
    memset(&segment, 0xaa, sizeof segment);
    GError *error = NULL;
    char *path = in_folder("a.csv");
    assert_true(g_file_set_contents(
        path,
        FIRST_LINE "new,tcp_options,length,header_length,urgent,checksum,window,flags,ack,seq,tos,"
                   "ttl,ip_id,destination_port,destination,source_port,,source,tcp_stream,time_ns,"
                   "frame,other\n"
                   "what?,0101,5,24,1,2,3,4,6,7,8,9,,10,::1,11,,1.2.3.4,,12,13,\n",
        -1, NULL));
    mps_dump *dump = mps_dump_open(path, &error);
    assert_int_equal(mps_dump_next(dump, &segment, &error), 1);
    assert_int_equal(segment.frame, 13);
    assert_int_equal(segment.time, 12);
    assert_int_equal(segment.tcp_stream, -1);
    assert_int_equal(segment.ip_id, -1);
    assert_int_equal(segment.destination_port, 10);
    assert_int_equal(segment.destination.length, 16);
    assert_int_equal(segment.length, 5);
    assert_true(segment.options_truncated);
    assert_false(segment.has_payload_sum); /* optional columns */
    assert_int_equal(segment.link.interface, MPS_NONE);
    assert_int_equal(segment.link.way, MPS_WAY_UNKNOWN);
    assert_true(segment.link.source == 0 && segment.link.destination == 0);
    assert_int_equal(mps_dump_next(dump, &segment, &error), 0);
    mps_dump_close(dump);
    g_free(path);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_every_fact_back),   TEST(writes_the_format),
        TEST(corrects_numbers),        TEST(corrects_numbers_in_a_pipe),
        TEST(writer_reports_failures), TEST(discard_leaves_nothing),
        TEST(refuses_other_files),     TEST(refuses_bad_cells),
        TEST(refuses_bad_options),     TEST(reads_crlf),
        TEST(refuses_bad_rows),        TEST(refuses_compressed_data_cut_off),
        TEST(finds_columns_by_name),
    };
    return cmocka_run_group_tests_name("dump", tests, NULL, NULL);
}
