/* test_output.c: output files appear only when complete, and input reads back what was written.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "base/input.h"
#include "base/output_nameless.h"
#include "base/output_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <mptcpscope/error.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Bytes that exceed all buffers between the caller and the file, even when compressed. */
#define LARGE 3000000u

static char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("mptcpscope-test-XXXXXX", NULL);
    return folder == NULL;
}

static unsigned count_files(void)
{
    unsigned count = 0;
    GDir *dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir) != NULL)
        count++;
    g_dir_close(dir);
    return count;
}

static int remove_folder(void **state)
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
    return result;
}

/* @return the path of a file in the folder, freed by the caller */
static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void assert_holds(const char *path, const char *text)
{
    char *found = NULL;
    assert_true(g_file_get_contents(path, &found, NULL, NULL));
    assert_string_equal(found, text);
    g_free(found);
}

static void write_file(const char *path, const char *text)
{
    GError *error = NULL;
    mps_output *output = mps_output_open(path, &error);
    assert_non_null(output);
    fputs(text, mps_output_stream(output));
    assert_true(mps_output_commit(output, &error));
    assert_null(error);
}

static void assert_error(GError *error, const char *message)
{
    assert_non_null(error);
    assert_int_equal(error->domain, MPS_ERROR);
    assert_string_equal(error->message, message);
    g_error_free(error);
}

static void assert_cannot_open(const char *path, int number)
{
    GError *error = NULL;
    assert_null(mps_output_open(path, &error));
    assert_error(error, g_strerror(number));
}

static void fill(uint8_t *bytes, size_t size)
{
    GRand *random = g_rand_new_with_seed(1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(g_rand_int(random) & 0x3f);
    g_rand_free(random);
}

static void appears_when_committed(void **state)
{
    (void)state;
    GError *error = NULL;
    char *path = in_folder("a.csv");
    mps_output *output = mps_output_open(path, &error);
    fputs("text", mps_output_stream(output));
    assert_int_equal(count_files(), 0);
    assert_true(mps_output_commit(output, &error));
    assert_int_equal(count_files(), 1);
    assert_holds(path, "text");
    g_free(path);
}

static void discard_leaves_what_was_there(void **state)
{
    (void)state;
    char *path = in_folder("a.csv");
    write_file(path, "old");
    mps_output *output = mps_output_open(path, NULL);
    fputs("new", mps_output_stream(output));
    assert_int_equal(count_files(), 1);
    mps_output_discard(output);
    assert_int_equal(count_files(), 1);
    assert_holds(path, "old");
    g_free(path);
}

/* Whatever ends the program while it writes, no file is left, and the old one is as it was. */
static void nothing_is_left_when_killed(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGKILL};
    (void)state;
    char *path = in_folder("a.csv"), *other = in_folder("b.csv.gz");
    write_file(path, "old");
    for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            mps_output *outputs[] = {mps_output_open(path, NULL), mps_output_open(other, NULL)};
            for (unsigned k = 0; k < LARGE; k++)
                fputs("new", mps_output_stream(outputs[k & 1]));
            raise(signals[i]);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
        assert_int_equal(count_files(), 1);
        assert_holds(path, "old");
    }
    g_free(path);
    g_free(other);
}

/* Where no link can be made to a file without a name, it is copied. */
static void copies_where_it_cannot_link(void **state)
{
    (void)state;
    char *path = in_folder("a.csv"), *gone = in_folder("gone");
    write_file(path, "old");
    int directory = open(folder, O_PATH | O_DIRECTORY);
    int fd = open(gone, O_RDWR | O_CREAT, 0640);
    assert_int_equal(unlink(gone), 0);
    assert_int_equal(write(fd, "new", 3), 3);
    assert_int_equal(mps_nameless_name(fd, directory, "a.csv"), 0);
    assert_holds(path, "new");
    assert_int_equal(mps_nameless_name(fd, directory, "missing/a.csv"), ENOENT);
    assert_int_equal(count_files(), 1);
    close(fd);
    close(directory);
    g_free(path);
    g_free(gone);
}

static void mode_is_as_umask_says_or_as_it_was(void **state)
{
    (void)state;
    struct stat status;
    char *path = in_folder("a.csv");
    mode_t old = umask(027);
    write_file(path, "one");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(chmod(path, 0600), 0);
    write_file(path, "two");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    umask(old);
    g_free(path);
}

static void follows_links(void **state)
{
    (void)state;
    char *path = in_folder("a.csv"), *link = in_folder("link"), *second = in_folder("second");
    assert_int_equal(symlink("a.csv", link), 0);
    assert_int_equal(symlink(link, second), 0);
    write_file(second, "dangling");
    assert_holds(path, "dangling");
    write_file(link, "existing");
    assert_holds(path, "existing");
    assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    assert_int_equal(count_files(), 3);
    char *loop = in_folder("loop");
    assert_int_equal(symlink("loop", loop), 0);
    assert_cannot_open(loop, ELOOP);
    g_free(loop);
    g_free(path);
    g_free(link);
    g_free(second);
}

static void assert_same(const char *a, const char *b, bool expected)
{
    char *path_a = in_folder(a), *path_b = in_folder(b);
    assert_int_equal(mps_output_same(path_a, path_b), expected);
    assert_int_equal(mps_output_same(path_b, path_a), expected);
    g_free(path_a);
    g_free(path_b);
}

/* What is opened counts, not its name. */
static void knows_the_same_file(void **state)
{
    (void)state;
    char *sub = in_folder("sub"), *to_sub = in_folder("to-sub"), *here = in_folder("here");
    char *link = in_folder("link"), *new = in_folder("new"), *fifo = in_folder("fifo");
    assert_int_equal(mkdir(sub, 0700), 0);
    assert_int_equal(symlink("sub", to_sub), 0);
    assert_int_equal(symlink(".", here), 0);
    assert_int_equal(symlink("to-sub/n.csv", link), 0); /* dangling */
    assert_int_equal(mkfifo(fifo, 0600), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_same("sub/n.csv", "to-sub/n.csv", true);
        assert_same("sub/n.csv", "link", true);
        assert_same("here/here/link", "sub/../to-sub//n.csv", true);
        assert_same("sub/n.csv", "sub/m.csv", false);
        assert_same("sub/n.csv", "n.csv", false);
        write_file(link, "text"); /* again with a file there */
    }
    assert_same("fifo", "here/fifo", true);
    assert_same("missing/n.csv", "missing/n.csv", false); /* cannot be written at all */
    assert_true(mps_output_same("/dev/null", "/dev/null") == false);
    assert_true(mps_output_same("/dev/stdout", "-") == false);
    assert_true(mps_output_is_standard(NULL) && mps_output_is_standard("-"));
    assert_int_equal(symlink("/dev/stdout", new), 0);
    assert_true(mps_output_is_standard("/proc/self/fd/1") && mps_output_is_standard(new));
    assert_false(mps_output_is_standard(link));
    char *content = in_folder("sub/n.csv");
    unlink(content);
    rmdir(sub);
    g_free(content);
    g_free(sub);
    g_free(to_sub);
    g_free(here);
    g_free(link);
    g_free(new);
    g_free(fifo);
}

static void writes_to_a_fifo(void **state)
{
    (void)state;
    char text[5] = "";
    char *path = in_folder("fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDWR);
    write_file(path, "text");
    assert_int_equal(read(reader, text, 4), 4);
    assert_string_equal(text, "text");
    assert_int_equal(count_files(), 1);
    close(reader);
    g_free(path);
}

/* Write `size` bytes to a full device. */
static void assert_full(const char *path, size_t size)
{
    GError *error = NULL;
    uint8_t *bytes = g_malloc(size);
    fill(bytes, size);
    mps_output *output = mps_output_open(path, &error);
    assert_non_null(output);
    fwrite(bytes, 1, size, mps_output_stream(output));
    assert_false(mps_output_commit(output, &error));
    assert_error(error, g_strerror(ENOSPC));
    g_free(bytes);
}

static void notices_a_full_device(void **state)
{
    (void)state;
    char *gz = in_folder("full.gz"), *zst = in_folder("full.zst");
    assert_int_equal(symlink("/dev/full", gz), 0);
    assert_int_equal(symlink("/dev/full", zst), 0);
    assert_full("/dev/full", 1);
    assert_full("/dev/full", LARGE);
    assert_full(gz, 1);
    assert_full(gz, LARGE);
    assert_full(zst, 1);
    assert_full(zst, LARGE);
    g_free(gz);
    g_free(zst);
}

static void failure_leaves_what_was_there(void **state)
{
    (void)state;
    GError *error = NULL;
    struct rlimit old, limit;
    char *path = in_folder("a.csv");
    write_file(path, "old");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = 1000000;
    setrlimit(RLIMIT_FSIZE, &limit);
    mps_output *output = mps_output_open(path, &error);
    for (unsigned i = 0; i < LARGE / 4; i++)
        fputs("text", mps_output_stream(output));
    bool good = mps_output_commit(output, &error);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_false(good);
    assert_error(error, g_strerror(EFBIG));
    assert_int_equal(count_files(), 1);
    assert_holds(path, "old");
    g_free(path);
}

static void reports_why_it_cannot_open(void **state)
{
    (void)state;
    char *deep = in_folder("missing/a.csv"), *slash = in_folder("missing/");
    assert_cannot_open(deep, ENOENT);
    assert_cannot_open(slash, ENOENT);
    assert_cannot_open(folder, EISDIR);
    assert_cannot_open("", ENOENT);
    assert_cannot_open("/dev/fd/1000", EBADF);
    assert_cannot_open("/dev/null/a.csv", ENOTDIR);
    assert_int_equal(count_files(), 0);
    g_free(deep);
    g_free(slash);
}

static void respects_permissions(void **state)
{
    (void)state;
    bool root = geteuid() == 0;
    char *path = in_folder("a.csv"), *other = in_folder("b.csv");
    write_file(path, "old");
    if (root) { /* permissions do not bind root */
        assert_int_equal(chown(folder, 65534, (gid_t)-1), 0);
        assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
        assert_int_equal(seteuid(65534), 0);
    }
    assert_int_equal(chmod(folder, 0500), 0);
    assert_cannot_open(other, EACCES);
    assert_int_equal(chmod(folder, 0700), 0);
    assert_int_equal(chmod(path, 0400), 0);
    assert_true(root || access(path, W_OK) != 0);
    if (!root) /* access() checks the real user */
        assert_cannot_open(path, EACCES);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_holds(path, "old");
    g_free(path);
    g_free(other);
}

static void takes_the_longest_name(void **state)
{
    (void)state;
    char name[NAME_MAX + 1];
    memset(name, 'x', NAME_MAX);
    name[NAME_MAX] = '\0';
    char *path = in_folder(name);
    write_file(path, "text");
    assert_holds(path, "text");
    assert_int_equal(count_files(), 1);
    g_free(path);
}

/* Write with standard output redirected to a file. */
static void writes_to_standard_output(void **state)
{
    (void)state;
    char *path = in_folder("out");
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    fputs("first ", stdout); /* still in the buffer */
    write_file("-", "second ");
    write_file("/dev/stdout", "third ");
    write_file(NULL, "fourth ");
    mps_output *output = mps_output_open("/proc/self/fd/1", NULL);
    fputs("never ", mps_output_stream(output));
    mps_output_discard(output);
    fputs("last", stdout);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(fd);
    assert_holds(path, "first second third fourth last");
    g_free(path);
}

/* ---- compression and input ---- */

static void write_large(const char *path, const uint8_t *bytes)
{
    GError *error = NULL;
    mps_output *output = mps_output_open(path, &error);
    size_t done = 0;
    for (size_t part = 1; done < LARGE; part = part * 3 + 1) {
        part = MIN(part, LARGE - done);
        assert_int_equal(fwrite(bytes + done, 1, part, mps_output_stream(output)), part);
        done += part;
    }
    assert_true(mps_output_commit(output, &error));
}

static void assert_reads(const char *path, const uint8_t *bytes, size_t size)
{
    uint8_t *back = g_malloc(size + 1);
    mps_input *input = mps_input_new(path, NULL);
    assert_non_null(input);
    size_t done = 0;
    ssize_t got;
    while ((got = mps_input_read(input, back + done, size + 1 - done)) > 0)
        done += (size_t)got;
    assert_int_equal(got, 0); /* the end, and no error */
    assert_int_equal(done, size);
    assert_null(mps_input_problem(input));
    assert_memory_equal(back, bytes, size);
    mps_input_free(input);
    g_free(back);
}

static const char *const names[] = {"large", "large.gz", "large.zst"};
static const char *const magics[] = {"", "\x1f\x8b", "\x28\xb5\x2f\xfd"};

static void reads_back_what_was_written(void **state)
{
    (void)state;
    uint8_t *bytes = g_malloc(LARGE);
    fill(bytes, LARGE);
    for (unsigned i = 0; i < 3; i++) {
        char *path = in_folder(names[i]), *found = NULL;
        gsize length;
        write_large(path, bytes);
        assert_reads(path, bytes, LARGE);
        assert_true(g_file_get_contents(path, &found, &length, NULL));
        assert_memory_equal(found, magics[i], strlen(magics[i]));
        assert_true(i == 0 ? length == LARGE : length < LARGE);
        g_free(found);
        write_file(path, "");
        assert_reads(path, bytes, 0);
        g_free(path);
    }
    g_free(bytes);
}

static void reads_files_one_after_the_other(void **state)
{
    (void)state;
    uint8_t *bytes = g_malloc(2 * LARGE);
    fill(bytes, LARGE);
    memcpy(bytes + LARGE, bytes, LARGE);
    for (unsigned i = 0; i < 3; i++) {
        char *path = in_folder(names[i]), *found = NULL;
        gsize length;
        write_large(path, bytes);
        assert_true(g_file_get_contents(path, &found, &length, NULL));
        FILE *stream = fopen(path, "ab");
        fwrite(found, 1, length, stream);
        fclose(stream);
        assert_reads(path, bytes, 2 * LARGE);
        g_free(found);
        g_free(path);
    }
    g_free(bytes);
}

/* Read a file until an error, which must come. @param problem  its message; NULL: any */
static void assert_ends_in_error(const char *path, const char *problem)
{
    char block[1000];
    mps_input *input = mps_input_new(path, NULL);
    ssize_t got;
    while ((got = mps_input_read(input, block, sizeof block)) > 0)
        continue;
    assert_int_equal(got, -1);
    assert_non_null(mps_input_problem(input));
    if (problem != NULL)
        assert_string_equal(mps_input_problem(input), problem);
    mps_input_free(input);
}

/* Write a file again with one byte changed, which must be noticed. */
static void assert_notices_change(const char *path, char *content, gsize length, gsize at,
                                  const char *problem)
{
    content[at] ^= 0x55;
    assert_true(g_file_set_contents(path, content, (gssize)length, NULL));
    assert_ends_in_error(path, problem);
    content[at] ^= 0x55;
}

static void damage_is_an_error(void **state)
{
    (void)state;
    static const char *const damaged[] = {"", "the gzip data are damaged",
                                          "the zstd data are damaged"};
    uint8_t *bytes = g_malloc(LARGE);
    fill(bytes, LARGE);
    for (unsigned i = 1; i < 3; i++) {
        char *path = in_folder(names[i]), *found = NULL;
        gsize length;
        write_large(path, bytes);
        assert_true(g_file_get_contents(path, &found, &length, NULL));
        for (gsize cut = 1; cut < length; cut = cut * 5 + 1) {
            assert_true(g_file_set_contents(path, found, (gssize)(length - cut), NULL));
            assert_ends_in_error(path, "the compressed data are cut off");
        }
        assert_notices_change(path, found, length, length / 2, NULL);
        assert_notices_change(path, found, length, length - 1, damaged[i]); /* the check sum */
        assert_true(g_file_set_contents(path, found, (gssize)length, NULL));
        FILE *stream = fopen(path, "ab");
        fputs("something else", stream);
        fclose(stream);
        assert_ends_in_error(path, damaged[i]);
        g_free(found);
        g_free(path);
    }
    g_free(bytes);
}

static void input_reports_why_it_cannot_open(void **state)
{
    (void)state;
    GError *error = NULL;
    char *path = in_folder("missing");
    assert_null(mps_input_new(path, &error));
    assert_error(error, g_strerror(ENOENT));
    error = NULL;
    assert_null(mps_input_new(folder, &error));
    assert_error(error, g_strerror(EISDIR));
    g_free(path);
}

static void spool_leaves_nothing(void **state)
{
    (void)state;
    mps_output *output = mps_output_spool(NULL);
    fputs("text", mps_output_stream(output));
    assert_true(mps_output_end(output, NULL));
    char *path = g_strdup(mps_output_temporary(output));
    assert_reads(path, (const uint8_t *)"text", 4);
    mps_output_discard(output);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_free(path);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(appears_when_committed),
        TEST(discard_leaves_what_was_there),
        TEST(nothing_is_left_when_killed),
        TEST(copies_where_it_cannot_link),
        TEST(knows_the_same_file),
        TEST(mode_is_as_umask_says_or_as_it_was),
        TEST(follows_links),
        TEST(writes_to_a_fifo),
        TEST(notices_a_full_device),
        TEST(failure_leaves_what_was_there),
        TEST(reports_why_it_cannot_open),
        TEST(respects_permissions),
        TEST(takes_the_longest_name),
        TEST(writes_to_standard_output),
        TEST(reads_back_what_was_written),
        TEST(reads_files_one_after_the_other),
        TEST(damage_is_an_error),
        TEST(input_reports_why_it_cannot_open),
        TEST(spool_leaves_nothing),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
