/* An event as one JSON object: the hot path's own writer. */
#pragma once

#include "base/buf.h"
#include "base/option.h"
#include "base/timestamp.h"
#include "model/event.h"

/* What is the same for all events of a pipeline. */
struct ps_json_encoder {
    struct ps_timestamp_cache time;
    struct ps_slice
        added; /* members written behind all others, as `,"name":"value"…`; made by ps_json_added_make; empty: none */
};

/* Appends the object (native schema, fields.def; no newline) to *out. Text is escaped; each maximal subpart of an
 * ill-formed UTF-8 sequence becomes U+FFFD and "encoding_repaired":true is written. The result always parses as strict
 * JSON, with no name twice. 0 or the buffer's error.
 *
 * Order: timestamp, host, what the syslog header says, event, outcome, the fields in the order in which they were set
 * (a list at its first element), message, source_path, source_offset, event_id, encoding_repaired, what was added. A
 * member that the event doesn't have is left out. */
int ps_json_encode(struct ps_json_encoder *enc, const struct ps_event *ev, struct ps_buf *out);

/* A string with its quotes, escaped. Sets *repaired (never clears it) where UTF-8 was ill-formed. */
int ps_json_string_append(struct ps_buf *out, struct ps_slice s, bool *repaired);

/* Appends constant members as an encoder adds them: `,"site":"ams1"`. 0, the buffer's error, or -EINVAL, with *out as
 * it was, where a name is empty, that of a field, or stands there twice, or a name or value is not UTF-8. */
int ps_json_added_make(const struct ps_pairs *pairs, struct ps_buf *out);
