/* An event's fields as one string, for comparison in tables: "name=value|name=value", in the order in which they were
 * set; an empty value is '!'. */
#pragma once

#include "base/buf.h"
#include "model/event.h"

void event_text(const struct ps_event *ev, struct ps_buf *out);
