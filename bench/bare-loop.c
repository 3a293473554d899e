/* bare-loop.c: reads all frames of a capture with libpcap and does nothing with them. bench/speed
 * compares with it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char problem[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const u_char *bytes;
    unsigned long frames = 0, captured = 0;
    int got;
    pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], problem) : NULL;
    if (!pcap) {
        fprintf(stderr, "%s\n", argc == 2 ? problem : "usage: bare-loop CAPTURE");
        return 1;
    }
    while ((got = pcap_next_ex(pcap, &header, &bytes)) == 1) {
        frames++;
        captured += header->caplen;
    }
    printf("%lu frames, %lu bytes\n", frames, captured);
    pcap_close(pcap);
    return got == PCAP_ERROR_BREAK ? 0 : 1;
}
