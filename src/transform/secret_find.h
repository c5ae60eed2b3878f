/* Where a message holds a secret: a table of what daemons print in front of one. */
#pragma once

#include "postship/slice.h"

/* The first secret of the text: *ret is a part of it and not empty. False: none. */
bool ps_secret_find(struct ps_slice text, struct ps_slice *ret);
