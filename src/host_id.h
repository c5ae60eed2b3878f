/* The id of this host, from which generation keys and so event ids derive. */
#pragma once

#include <stdint.h>

enum { PS_HOST_ID_LEN = 32 };

/* HMAC-SHA-256 of "postship host id" under /etc/machine-id, which itself never leaves the host (machine-id(5)). Without
 * a machine id: of a random one, made once and kept in STATE_DIR/host-id; state_dir NULL: -ENOENT then. 0 or negative
 * errno. */
int ps_host_id_read(const char *state_dir, uint8_t ret[PS_HOST_ID_LEN]);
