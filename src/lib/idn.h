/* Internationalized domain names (libidn2). */
#pragma once

#include "postship/slice.h"

enum { PS_IDN_MAX = 255 }; /* bytes of a domain name in ASCII */

/* The A-label form (ASCII, lower case) of a domain in UTF-8, by IDNA 2008 with the mapping of UTS 46; not
 * NUL-terminated. 0; -EINVAL where it is no valid internationalized domain; -ENOMEM. */
int ps_idn_to_ascii(struct ps_slice domain, char ret[PS_IDN_MAX], size_t *ret_n);
