/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "postship/slice.h"

/* The length in bytes (1..4) of the valid sequence at the start of s (s.n > 0), or 0 when there is none. */
size_t ps_utf8_sequence(struct ps_slice s);

/* The number of bytes at the start of s (s.n > 0) that one U+FFFD stands for: a maximal subpart of an ill-formed
 * sequence (The Unicode Standard, 3.9, "U+FFFD Substitution of Maximal Subparts"). To be called only where
 * ps_utf8_sequence gave 0. */
size_t ps_utf8_bad(struct ps_slice s);

bool ps_utf8_valid(struct ps_slice s);
