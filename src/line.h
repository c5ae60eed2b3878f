/* From one record to one finished event: parse, secrets, envelope, enrichment. What the daemon, `postship parse`, the
 * benches and the fuzzer share. */
#pragma once

#include "model/event.h"
#include "model/record.h"
#include "parse/parse.h"
#include "transform/enrich.h"

/* What is the same for all records of a pipeline; all borrowed. */
struct ps_line {
    const struct ps_parser *parser;
    const struct ps_site *site;
    struct ps_slice host;     /* from the configuration: instead of the one in the line; empty: none */
    struct ps_slice own_host; /* for a line without host */
};

/* now_usec (UTC) stands in for a line without time; time_inferred says so. */
enum ps_verdict ps_line_event(const struct ps_line *l, const struct ps_record *r, int64_t now_usec,
                              struct ps_event *ev);

/* The key of Kafka records: the queue id, else the host. Borrowed from the event. */
struct ps_slice ps_line_key(const struct ps_event *ev);
