#include "lib/idn.h"

#include <idn2.h>

#include "base/fault.h"
#include "base/util.h"

int ps_idn_to_ascii(struct ps_slice domain, char ret[PS_IDN_MAX], size_t *ret_n)
{
    char name[4 * PS_IDN_MAX + 1]; /* nothing longer can become short enough */
    if (!domain.n || domain.n >= sizeof name || memchr(domain.p, '\0', domain.n))
        return -EINVAL;
    memcpy(name, domain.p, domain.n);
    name[domain.n] = '\0';

    char *ascii = NULL;
    int r =
        ps_fault(PS_FAULT_MALLOC) ? IDN2_MALLOC : idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (r != IDN2_OK)
        return r == IDN2_MALLOC ? -ENOMEM : -EINVAL;
    size_t n = strlen(ascii);
    if (n <= PS_IDN_MAX) {
        memcpy(ret, ascii, n);
        *ret_n = n;
    }
    idn2_free(ascii);
    return n <= PS_IDN_MAX ? 0 : -EINVAL;
}
