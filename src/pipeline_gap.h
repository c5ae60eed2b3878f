/* What the source destroyed before it was read, as an event. */
#pragma once

#include "line.h"

/* Fills the event from a record that is a gap. 0 or -ENOMEM: then the event doesn't say how much was lost. */
int ps_gap_event(const struct ps_line *l, const struct ps_record *r, int64_t now_usec, struct ps_event *ev);
