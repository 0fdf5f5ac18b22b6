/* SPDX-License-Identifier: MIT */
/*
 * smb_servers.h - which address the name of a server stands for, by events of the SMB client that
 * tell both: others tell the name alone. Inside correlate only.
 */
#ifndef CORRELATE_SMB_SERVERS_H
#define CORRELATE_SMB_SERVERS_H

#include "correlate/smb_names.h"
#include "correlate/smb_store.h"

/* So many are kept; the one that was told longest ago is forgotten first. */
#define SMB_SERVERS_MAXIMUM 4096u

/* Empty; NULL: no memory. smb_store_free() frees it. */
struct smb_store *smb_servers_new(void);
/* Every event of the SMB client and server, in time order. A server that is also reached by RDMA or
 * the like has no address by its name from then on. False: no memory. */
bool smb_servers_learn(struct smb_store *servers, const struct etw_smb *smb);
/* Where the server is that `naming` names, alone or in its share; NULL: not known. Valid until the
 * next learn. */
const struct corr_endpoint *smb_servers_find(const struct smb_store *servers,
                                             const struct smb_naming *naming);

#endif
