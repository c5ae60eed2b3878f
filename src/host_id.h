/* The id of this host, from which generation keys and so event ids derive. */
#pragma once

#include <stdint.h>

enum { PS_HOST_ID_LEN = 32 };

/* HMAC-SHA-256 of "postship host id" under /etc/machine-id (its 16 bytes), which itself never leaves the host
 * (machine-id(5)). Without a machine id: under a random one, made once and kept in STATE_DIR/host-id; state_dir NULL:
 * -ENOENT then. Other negative errno: -EBADMSG where STATE_DIR/host-id is damaged (a new id would change all event ids:
 * that is for the user to decide, who can remove the file). */
int ps_host_id_read(const char *state_dir, uint8_t ret[PS_HOST_ID_LEN]);

/* The same with another file instead of /etc/machine-id: for tests. */
int ps_host_id_read_from(const char *machine_id_path, const char *state_dir, uint8_t ret[PS_HOST_ID_LEN]);
