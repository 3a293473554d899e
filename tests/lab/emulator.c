// SPDX-License-Identifier: GPL-2.0-or-later
//
// emulator.c: a network path between two interfaces, with delay, loss, a bottleneck link and
// middleboxes. It records exactly what happened to every frame.
//
// A map of the program:
//
//   emulator.c  the options and the loop
//   port.c      the packet sockets at the two ends
//   path.c      one direction: bottleneck link, queue, delay, loss, reordering, duplication
//   mangle.c    middleboxes: NAT, shifted sequence numbers, stripped options, corruption
//   frame.c     finds TCP in a frame; checksums; splits super-segments
//   record.c    the forwarding record; its format is in record.h
//
// It runs until SIGTERM or SIGINT, then writes the record.

#define _GNU_SOURCE 1 // ppoll()

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "mangle.h"
#include "path.h"
#include "port.h"
#include "record.h"

enum {
    FRAME_BYTES = 1 << 17, // larger than any frame, including super-segments
    BATCH = 64,            // frames to take from a port before frames that are due are sent
};

struct emulator {
    struct port ports[2];
    struct path paths[2]; // from port 0 to port 1, and back
    struct mangler mangler;
    FILE *record;
};

struct options {
    struct path_settings settings[2];
    struct mangler mangler;
    uint64_t seed;
    const char *record;
    const char *interfaces[2];
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static void print_help(FILE *file)
{
    fputs("Usage: emulator [OPTION]... INTERFACE_A INTERFACE_B\n"
          "\n"
          "Forward frames between two interfaces as a network path would. Side A is the client's.\n"
          "X[,Y]: X applies from A to B, Y from B to A (default: the same as X).\n"
          "\n"
          "  -d, --delay US[,US]          propagation delay in microseconds\n"
          "  -j, --jitter US[,US]         random extra delay up to this value, without reordering\n"
          "  -r, --rate KBIT[,KBIT]       rate of the bottleneck link in kbit/s (0: unlimited)\n"
          "  -q, --queue N[,N]            frames that may wait for the link (0: unlimited)\n"
          "  -l, --loss PPM[,PPM]         lose this share of TCP frames, in millionths\n"
          "  -L, --lose N[,N]             lose the N TCP frames after the first one\n"
          "  -D, --duplicate PPM[,PPM]    send this share of TCP frames twice\n"
          "  -o, --reorder PPM[,PPM]      delay this share of TCP frames, so that others overtake\n"
          "  -O, --reorder-hold US[,US]   by this time (default 5000)\n"
          "  -f, --freeze US[,US]         stop the link so long after the first TCP frame\n"
          "                               (0: never); frames wait\n"
          "  -F, --freeze-time US[,US]    for this time\n"
          "  -s, --seed N                 seed of all random decisions (default 1)\n"
          "  -n, --nat                    IPv4: rewrite the client's address and port\n"
          "  -S, --shift N                add N to the client's TCP sequence numbers\n"
          "  -x, --strip MODE             strip MPTCP options: join, all, late (all except\n"
          "                               MP_CAPABLE and MP_JOIN), synack (only in SYN/ACKs)\n"
          "  -c, --corrupt K[,K]          change the payload of the K-th data packet and update\n"
          "                               its TCP checksum (0: none)\n"
          "  -R, --record FILE            write the forwarding record to FILE\n"
          "  -h, --help                   show this help\n",
          file);
}

/** Parse a number up to a limit. @return the rest of the text; NULL: not such a number. */
static const char *parse_number(const char *text, uint64_t limit, uint64_t *value)
{
    if (*text < '0' || *text > '9') {
        return NULL;
    }
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 0);
    if (errno || number > limit) {
        return NULL;
    }
    *value = number;
    return end;
}

/** Parse "X" or "X,Y". */
static bool parse_pair(const char *text, uint64_t limit, uint64_t value[2])
{
    const char *rest = parse_number(text, limit, &value[0]);
    if (!rest) {
        return false;
    }
    value[1] = value[0];
    if (*rest == ',') {
        rest = parse_number(rest + 1, limit, &value[1]);
    }
    return rest && *rest == '\0';
}

/** The largest value of an option that takes one or two numbers. */
static uint64_t option_limit(int option)
{
    switch (option) {
    case 'l':
    case 'D':
    case 'o':
        return 1000000;
    case 'd':
    case 'j':
    case 'O':
    case 'f':
    case 'F':
        return 60000000; // a minute
    case 'q':
    case 'L':
        return 1000000;
    case 'r':
        return 100000000; // 100 Gbit/s
    default:
        return UINT32_MAX;
    }
}

static void set_pair(struct options *options, int option, const uint64_t value[2])
{
    for (int i = 0; i < 2; i++) {
        struct path_settings *settings = &options->settings[i];
        switch (option) {
        case 'd':
            settings->delay = (int64_t)value[i] * 1000;
            break;
        case 'j':
            settings->jitter = (int64_t)value[i] * 1000;
            break;
        case 'O':
            settings->reorder_hold = (int64_t)value[i] * 1000;
            break;
        case 'f':
            settings->freeze = (int64_t)value[i] * 1000;
            break;
        case 'F':
            settings->freeze_time = (int64_t)value[i] * 1000;
            break;
        case 'r':
            settings->rate = value[i];
            break;
        case 'q':
            settings->queue = value[i];
            break;
        case 'l':
            settings->loss = (uint32_t)value[i];
            break;
        case 'L':
            settings->lose = (uint32_t)value[i];
            break;
        case 'D':
            settings->duplicate = (uint32_t)value[i];
            break;
        case 'o':
            settings->reorder = (uint32_t)value[i];
            break;
        case 'c':
            options->mangler.corrupt[i] = value[i];
            break;
        }
    }
}

static bool set_option(struct options *options, int option, const char *value)
{
    uint64_t number[2];
    switch (option) {
    case 'n':
        options->mangler.nat = true;
        return true;
    case 'R':
        options->record = value;
        return true;
    case 'x':
        return mangle_parse_strip(value, &options->mangler.strip);
    }
    if (!parse_pair(value, option_limit(option), number)) {
        return false;
    }
    if (option == 's') {
        options->seed = number[0];
    } else if (option == 'S') {
        options->mangler.shift = (uint32_t)number[0];
    } else {
        set_pair(options, option, number);
    }
    return true;
}

/** Parse the command line. @return -1 to continue, otherwise the exit status. */
static int parse_options(struct options *options, int argc, char **argv)
{
    static const struct option table[] = {
        {"delay", required_argument, NULL, 'd'},
        {"jitter", required_argument, NULL, 'j'},
        {"rate", required_argument, NULL, 'r'},
        {"queue", required_argument, NULL, 'q'},
        {"loss", required_argument, NULL, 'l'},
        {"lose", required_argument, NULL, 'L'},
        {"duplicate", required_argument, NULL, 'D'},
        {"reorder", required_argument, NULL, 'o'},
        {"reorder-hold", required_argument, NULL, 'O'},
        {"freeze", required_argument, NULL, 'f'},
        {"freeze-time", required_argument, NULL, 'F'},
        {"seed", required_argument, NULL, 's'},
        {"nat", no_argument, NULL, 'n'},
        {"shift", required_argument, NULL, 'S'},
        {"strip", required_argument, NULL, 'x'},
        {"corrupt", required_argument, NULL, 'c'},
        {"record", required_argument, NULL, 'R'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "d:j:r:q:l:L:D:o:O:f:F:s:nS:x:c:R:h", table, NULL)) !=
           -1) {
        if (option == 'h') {
            print_help(stdout);
            return EXIT_SUCCESS;
        }
        if (option == '?') {
            return 2;
        }
        if (!set_option(options, option, optarg)) {
            fprintf(stderr, "emulator: -%c: bad value '%s'\n", option, optarg);
            return 2;
        }
    }
    if (argc - optind != 2) {
        print_help(stderr);
        return 2;
    }
    options->interfaces[0] = argv[optind];
    options->interfaces[1] = argv[optind + 1];
    return -1;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time); // the clock of the kernel's receive times
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/** Take the frames that a side received. @return false on failure. */
static bool take_frames(struct emulator *emulator, int side)
{
    static uint8_t buffer[FRAME_BYTES];
    for (int i = 0; i < BATCH; i++) {
        struct port_frame frame;
        switch (port_receive(&emulator->ports[side], buffer, sizeof buffer, &frame)) {
        case PORT_FAILED:
            return false;
        case PORT_EMPTY:
            return true;
        case PORT_FRAME:
            path_take(&emulator->paths[side], &emulator->mangler, side, buffer, &frame);
        }
    }
    return true;
}

/** Sleep until a frame is received, the next frame is due, or a signal arrives. */
static void wait_for_work(const struct emulator *emulator, const sigset_t *unblocked)
{
    int64_t due = path_next_due(&emulator->paths[0]);
    int64_t other = path_next_due(&emulator->paths[1]);
    if (other < due) {
        due = other;
    }
    struct timespec timeout = {.tv_sec = 0};
    int64_t left = due - now();
    if (left > 0) {
        timeout.tv_sec = left / 1000000000;
        timeout.tv_nsec = left % 1000000000;
    }
    struct pollfd ports[2] = {
        {.fd = emulator->ports[0].fd, .events = POLLIN},
        {.fd = emulator->ports[1].fd, .events = POLLIN},
    };
    ppoll(ports, 2, due == INT64_MAX ? NULL : &timeout, unblocked);
}

/** Forward frames until a signal arrives. @return false on failure. */
static bool run(struct emulator *emulator)
{
    // Signals are unblocked only in ppoll(), so that none is missed.
    sigset_t blocked, unblocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &unblocked);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    while (!stopped) {
        for (int side = 0; side < 2; side++) {
            if (!take_frames(emulator, side)) {
                return false;
            }
            path_deliver(&emulator->paths[side], &emulator->ports[1 - side], now());
        }
        wait_for_work(emulator, &unblocked);
    }
    // The record must include the last frames, too. The lab stops the hosts before the emulator.
    return take_frames(emulator, 0) && take_frames(emulator, 1);
}

/** Write the record. @return false on failure. */
static bool write_record(struct emulator *emulator)
{
    FILE *file = emulator->record;
    unsigned drops[2] = {port_drops(&emulator->ports[0]), port_drops(&emulator->ports[1])};
    if (file) {
        record_write(&emulator->paths[0].record, "ab", file);
        record_write(&emulator->paths[1].record, "ba", file);
        fprintf(
            file,
            "# end: %" PRIu64 " frames in on side A, %" PRIu64 " on side B, kernel drops %u, %u\n",
            emulator->paths[0].record.inputs, emulator->paths[1].record.inputs, drops[0], drops[1]);
        if (ferror(file) | fclose(file)) {
            fprintf(stderr, "emulator: record: %s\n", strerror(errno));
            return false;
        }
    }
    if (drops[0] || drops[1]) {
        fputs("emulator: the kernel dropped frames; the record is incomplete\n", stderr);
        return false;
    }
    return true;
}

/** Open the record. Its first line also shows the lab that the emulator is ready. */
static bool open_record(struct emulator *emulator, const char *path)
{
    if (!path) {
        return true;
    }
    emulator->record = fopen(path, "w");
    if (!emulator->record) {
        fprintf(stderr, "emulator: %s: %s\n", path, strerror(errno));
        return false;
    }
    record_write_header(emulator->record);
    fflush(emulator->record);
    return true;
}

int main(int argc, char **argv)
{
    static struct emulator emulator;
    struct options options = {.seed = 1};
    options.settings[0].reorder_hold = options.settings[1].reorder_hold = 5000000;
    int status = parse_options(&options, argc, argv);
    if (status >= 0) {
        return status;
    }
    prctl(PR_SET_TIMERSLACK, 1); // the kernel's default of 50 us would delay frames
    // On a busy machine, others would delay them by milliseconds. If it is not allowed: never mind.
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});

    emulator.mangler = options.mangler;
    for (int side = 0; side < 2; side++) {
        if (!port_open(&emulator.ports[side], options.interfaces[side])) {
            return EXIT_FAILURE;
        }
        path_init(&emulator.paths[side], &options.settings[side],
                  options.seed * 2 + (uint64_t)side);
    }
    bool good = open_record(&emulator, options.record) && run(&emulator);
    good &= write_record(&emulator);
    for (int side = 0; side < 2; side++) {
        path_free(&emulator.paths[side]);
        port_close(&emulator.ports[side]);
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
