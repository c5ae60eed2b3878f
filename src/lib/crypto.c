#include "lib/crypto.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/fault.h"
#include "base/util.h"

/* OpenSSL takes NULL for "not given", so that an empty slice needs an address. */
static const unsigned char *address_of(struct ps_slice s)
{
    return (const unsigned char *)(s.n ? s.p : "");
}

int ps_hmac_sha256(struct ps_slice key, struct ps_slice data, uint8_t ret[PS_HMAC_LEN])
{
    uint8_t mac[PS_HMAC_LEN];
    size_t n;
    if (ps_fault(PS_FAULT_MALLOC) || !EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, address_of(key), key.n,
                                                address_of(data), data.n, mac, sizeof mac, &n))
        return -EIO;
    memcpy(ret, mac, sizeof mac);
    return 0;
}

int ps_random_bytes(void *dst, size_t n)
{
    if (n > INT_MAX || ps_fault(PS_FAULT_MALLOC) || RAND_bytes(dst, (int)n) != 1)
        return -EIO;
    return 0;
}
