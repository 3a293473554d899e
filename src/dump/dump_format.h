/* dump_format.h: the words of the dump format (docs/dump-format.md) that the writer and the reader
 * share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DUMP_FORMAT_H
#define MPS_DUMP_FORMAT_H

/* The first line: MAGIC, the version, then either CAPTURE and an escaped name, or LIVE. */
#define MPS_DUMP_MAGIC "# mptcpscope dump, version "
#define MPS_DUMP_CAPTURE "; capture "
#define MPS_DUMP_LIVE "; live"

/* A comment begins like this; one that tells of an ICMP error, like that. */
#define MPS_DUMP_COMMENT '#'
#define MPS_DUMP_ICMP "# icmp,"

/* The second line: the facts of the segment, options decoded for people, and the verdict, which
 * begins with the four columns that may change until the end of the capture. */
#define MPS_DUMP_FACTS                                                                             \
    "frame,time_ns,tcp_stream,source,source_port,destination,destination_port,ip_id,ttl,tos,seq,"  \
    "ack,flags,window,checksum,urgent,header_length,length,tcp_options,"                           \
    "payload_sum,interface,link_index,way,link_source,link_destination"
#define MPS_DUMP_DECODED "tsval,tsecr,sack,mptcp,dss_ack,dss_dsn,dss_ssn,dss_length,dss_data_fin"
#define MPS_DUMP_NUMBERS "connection,subflow,direction,copy_of"
#define MPS_DUMP_VERDICT                                                                           \
    "dsn,dsn_relative,data_bytes,retransmitted_bytes,reinjected_bytes,unmapped_bytes,data_fin"

#endif
