// SPDX-License-Identifier: GPL-2.0-or-later
//
// port.c: one end of the emulator: a packet socket on an interface.

#define _GNU_SOURCE 1 // SO_RCVBUFFORCE

#include "port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/** Socket buffers for seconds of traffic, so that a busy machine loses no frame. */
#define BUFFER_BYTES (64 << 20)

/** Where a VLAN tag is in a frame: after both hardware addresses. */
#define TAG_AT 12

static bool set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

static bool set_options(int fd, int index)
{
    struct packet_mreq promiscuous = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};
    return set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES) &&
           set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES) &&
           set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) &&
           set_option(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1) &&
           set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1) &&
           set_option(fd, SOL_PACKET, PACKET_VNET_HDR, 1) &&
           set_option(fd, SOL_PACKET, PACKET_AUXDATA, 1) &&
           setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) == 0;
}

bool port_open(struct port *port, const char *interface)
{
    port->interface = interface;
    unsigned index = if_nametoindex(interface);
    if (!index) {
        fprintf(stderr, "emulator: %s: %s\n", interface, strerror(errno));
        return false;
    }
    // With protocol 0 the socket receives nothing until bind(), when all options are set.
    port->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (port->fd < 0) {
        fprintf(stderr, "emulator: packet socket: %s\n", strerror(errno));
        return false;
    }
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)index,
    };
    if (!set_options(port->fd, (int)index) ||
        bind(port->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fprintf(stderr, "emulator: %s: %s\n", interface, strerror(errno));
        port_close(port);
        return false;
    }
    return true;
}

void port_close(struct port *port)
{
    close(port->fd);
    port->fd = -1;
}

/** @return when the kernel received the message, ns since 1970; 0: unknown. */
static int64_t message_time(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
            return (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
        }
    }
    return 0;
}

/** Put the VLAN tag back that the kernel took off a frame. @return the new length */
static size_t restore_tag(struct msghdr *message, uint8_t *frame, size_t length, size_t size)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        struct tpacket_auxdata card;
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA) {
            continue;
        }
        memcpy(&card, CMSG_DATA(c), sizeof card);
        if (!(card.tp_status & TP_STATUS_VLAN_VALID) || length < TAG_AT || length + 4 > size) {
            continue;
        }
        const uint16_t tag[2] = {htons(ETH_P_8021Q), htons(card.tp_vlan_tci)};
        memmove(frame + TAG_AT + sizeof tag, frame + TAG_AT, length - TAG_AT);
        memcpy(frame + TAG_AT, tag, sizeof tag);
        return length + sizeof tag;
    }
    return length;
}

enum port_result port_receive(const struct port *port, uint8_t *buffer, size_t size,
                              struct port_frame *frame)
{
    struct virtio_net_hdr card;
    union {
        char
            bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        struct cmsghdr align;
    } control;
    struct iovec iov[2] = {
        {.iov_base = &card, .iov_len = sizeof card},
        {.iov_base = buffer, .iov_len = size},
    };
    struct msghdr message = {
        .msg_iov = iov,
        .msg_iovlen = 2,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t got = recvmsg(port->fd, &message, 0);
    if (got < 0) {
        // When its interface goes down, a socket reports ENETDOWN once; it stays usable.
        bool idle = errno == EAGAIN || errno == EINTR || errno == ENETDOWN;
        if (!idle) {
            fprintf(stderr, "emulator: %s: %s\n", port->interface, strerror(errno));
        }
        return idle ? PORT_EMPTY : PORT_FAILED;
    }
    if (message.msg_flags & MSG_TRUNC) {
        fprintf(stderr, "emulator: %s: frame of more than %zu bytes\n", port->interface, size);
        return PORT_FAILED;
    }
    if ((size_t)got < sizeof card) {
        fprintf(stderr, "emulator: %s: message of %zd bytes\n", port->interface, got);
        return PORT_FAILED;
    }
    *frame = (struct port_frame){
        .length = restore_tag(&message, buffer, (size_t)got - sizeof card, size),
        .time = message_time(&message),
        .segment_size = card.gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : card.gso_size,
        .needs_checksum = card.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM,
    };
    return PORT_FRAME;
}

bool port_send(const struct port *port, const uint8_t *frame, size_t length)
{
    struct virtio_net_hdr card = {.flags = 0}; // no work is left to the card
    struct iovec iov[2] = {
        {.iov_base = &card, .iov_len = sizeof card},
        {.iov_base = (void *)frame, .iov_len = length},
    };
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = 2};
    return sendmsg(port->fd, &message, 0) == (ssize_t)(sizeof card + length);
}

unsigned port_drops(const struct port *port)
{
    struct tpacket_stats stats = {0};
    socklen_t size = sizeof stats;
    if (getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) != 0) {
        return UINT32_MAX;
    }
    return stats.tp_drops;
}
