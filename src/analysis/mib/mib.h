/* mib.h: the MIB counters of Linux's MPTCP ("MPTcpExt…" of nstat) that a capture shows.
 *
 * docs/report-mib.md says what the kernel counts in each, which counters are absent here, and why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MIB_H
#define MPS_MIB_H

#include "analysis/analysis.h"

/* Names and order are those of nstat, without "MPTcpExt". */
#define MPS_MIB_COUNTERS(X)                                                                        \
    X(MPCapableSYNRX)                                                                              \
    X(MPCapableSYNTX)                                                                              \
    X(MPCapableSYNACKRX)                                                                           \
    X(MPCapableACKRX)                                                                              \
    X(MPCapableFallbackACK)                                                                        \
    X(MPCapableFallbackSYNACK)                                                                     \
    X(MPCapableSYNTXDrop)                                                                          \
    X(MPCapableEndpAttempt)                                                                        \
    X(MPJoinNoTokenFound)                                                                          \
    X(MPJoinSynRx)                                                                                 \
    X(MPJoinSynBackupRx)                                                                           \
    X(MPJoinSynAckRx)                                                                              \
    X(MPJoinSynAckBackupRx)                                                                        \
    X(MPJoinAckRx)                                                                                 \
    X(MPJoinAckHMacFailure)                                                                        \
    X(MPJoinRejected)                                                                              \
    X(MPJoinSynTx)                                                                                 \
    X(InfiniteMapTx)                                                                               \
    X(InfiniteMapRx)                                                                               \
    X(DataCsumErr)                                                                                 \
    X(AddAddr)                                                                                     \
    X(AddAddrTx)                                                                                   \
    X(EchoAdd)                                                                                     \
    X(EchoAddTx)                                                                                   \
    X(PortAdd)                                                                                     \
    X(MPJoinPortSynRx)                                                                             \
    X(MPJoinPortSynAckRx)                                                                          \
    X(MPJoinPortAckRx)                                                                             \
    X(MismatchPortSynRx)                                                                           \
    X(RmAddr)                                                                                      \
    X(RmAddrTx)                                                                                    \
    X(MPPrioTx)                                                                                    \
    X(MPPrioRx)                                                                                    \
    X(MPFailTx)                                                                                    \
    X(MPFailRx)                                                                                    \
    X(MPFastcloseTx)                                                                               \
    X(MPFastcloseRx)                                                                               \
    X(MPRstTx)                                                                                     \
    X(MPRstRx)                                                                                     \
    X(MPCapableDataFallback)                                                                       \
    X(DssFallback)

#define MPS_MIB_ENUMERATOR(name) MPS_MIB_##name,
typedef enum { MPS_MIB_COUNTERS(MPS_MIB_ENUMERATOR) MPS_MIB_COUNT } mps_mib_counter;
#undef MPS_MIB_ENUMERATOR

/* Why it is not known whether a host counted something. */
typedef enum {
    MPS_MIB_KNOWN,      /* it is known */
    MPS_MIB_DEPENDS,    /* the host may have counted it or not; the capture cannot show which */
    MPS_MIB_UNCAPTURED, /* the capture lacks segments */
    MPS_MIB_CUT,        /* the snaplen cut options */
} mps_mib_doubt;

/* Something that a host counted. */
typedef struct {
    uint32_t frame;   /* of the segment that was counted */
    uint32_t half_id; /* whose sender is the host that counted */
    uint8_t counter;  /* mps_mib_counter */
    uint8_t amount;
    uint8_t doubt;   /* mps_mib_doubt: unless it is 0, the counter is not known */
    bool other_port; /* counts only if the subflow's responder has another port than in the initial
                      * subflow, which may be known only at the end of the capture */
} mps_mib_event;

extern const mps_analysis_kind mps_mib_analysis;

/** @return the counter's name as nstat prints it ("MPTcpExtMPJoinSynRx"), static. */
const char *mps_mib_name(mps_mib_counter counter);

/** @return all that hosts counted (mps_mib_event), except checksums; owned by the tracker; NULL:
 * the analysis was not asked for (MPS_NEED_MIB). */
const GArray *mps_mib_events(const mps_tracker *tracker);

/** @return wrong checksums that hosts counted (mps_mib_event); the caller frees the array. Needs
 *  MPS_NEED_CHECKSUMS and MPS_NEED_MIB. */
GArray *mps_mib_checksum_events(const mps_tracker *tracker);

/** @return what hosts counted, or may have counted, by what only the whole capture shows
 *  (mps_mib_event): third ACKs, and counters that are not known because the capture lacks
 * something. The caller frees the array. Needs MPS_NEED_MIB and MPS_NEED_MILESTONES. */
GArray *mps_mib_final_events(const mps_tracker *tracker);

#endif
