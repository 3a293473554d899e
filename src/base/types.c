/* types.c: converts directions, addresses and times to text and back.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <arpa/inet.h>
#include <glib.h>
#include <mptcpscope/types.h>
#include <string.h>

const char *mps_direction_name(mps_direction direction)
{
    static const char *const names[] = {[MPS_C2S] = "c2s", [MPS_S2C] = "s2c"};
    return names[direction];
}

const char *mps_direction_sender(mps_direction direction)
{
    return direction == MPS_C2S ? "client" : "server";
}

char *mps_names_text(const char *const *names)
{
    return g_strjoinv(", ", (char **)names); /* it only reads them */
}

char *mps_address_text(const mps_address *address, char *text)
{
    text[0] = '\0';
    if (address->length != 0)
        inet_ntop(address->length == 4 ? AF_INET : AF_INET6, address->bytes, text,
                  MPS_ADDRESS_TEXT_MAX);
    return text;
}

bool mps_address_from_text(mps_address *address, const char *text)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, address->bytes) == 1)
        address->length = 4;
    else if (inet_pton(AF_INET6, text, address->bytes) == 1)
        address->length = 16;
    return address->length != 0;
}

int mps_address_compare(const mps_address *a, const mps_address *b)
{
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool mps_seconds_from_text(const char *text, int64_t *ns)
{
    const int64_t second = INT64_C(1000000000), most = MPS_SECONDS_MAX * second;
    const char *at = text;
    int64_t unit = second; /* of the latest digit, ns */
    *ns = 0;
    for (; g_ascii_isdigit(*at) && *ns <= most / 10; at++)
        *ns = 10 * *ns + (*at - '0') * second;
    if (*at == '.' && at > text)
        for (at++; g_ascii_isdigit(*at) && unit > 1; at++)
            *ns += (*at - '0') * (unit /= 10);
    return !*at && at > text && *ns <= most;
}

int64_t mps_time_of(int64_t seconds, int64_t nanoseconds)
{
    int64_t time;
    if (__builtin_mul_overflow(seconds, INT64_C(1000000000), &time) ||
        __builtin_add_overflow(time, nanoseconds, &time))
        return seconds < 0 ? -MPS_TIME_MAX : MPS_TIME_MAX;
    return time < -MPS_TIME_MAX ? -MPS_TIME_MAX : time > MPS_TIME_MAX ? MPS_TIME_MAX : time;
}
