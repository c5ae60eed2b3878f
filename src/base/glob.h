/* Patterns: * stands for any text, also none, ? for one character (UTF-8; where the text is ill-formed, for what one
 * U+FFFD would stand for), all else for itself. */
#pragma once

#include "postship/slice.h"

/* False: the pattern has neither, so it is a plain text. */
bool ps_glob_has_wildcards(struct ps_slice pattern);

/* The whole text, in a time of at most the product of both lengths. */
bool ps_glob_matches(struct ps_slice pattern, struct ps_slice text);
