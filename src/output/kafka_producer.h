/* One librdkafka producer for one topic, with its events on a descriptor. */
#pragma once

#include <librdkafka/rdkafka.h>

#include "output/output.h"

struct ps_kafka_producer;

/* Adds 1 to the eventfd `wake_fd` (non-blocking, borrowed) when events come; each wake must poll until there are none
 * left. Takes `conf` in any case. 0, or negative errno with a message in buf. */
int ps_kafka_producer_new(rd_kafka_conf_t *conf, const char *topic, int wake_fd, struct ps_kafka_producer **ret,
                          char *buf, size_t n);

/* Forgets all records; on return none of librdkafka's threads is left. All events must be destroyed before. Returns
 * NULL. */
struct ps_kafka_producer *ps_kafka_producer_free(struct ps_kafka_producer *p);

/* The value is borrowed until its delivery report or the producer's end; `opaque` comes back with the report. */
rd_kafka_resp_err_t ps_kafka_producer_send(struct ps_kafka_producer *p, const struct ps_message *m, void *opaque);

/* The next event, or NULL; the caller destroys it. */
rd_kafka_event_t *ps_kafka_producer_poll(struct ps_kafka_producer *p);

/* The text of the fatal error that ended this producer; false: there is none. */
bool ps_kafka_producer_fatal(struct ps_kafka_producer *p, rd_kafka_resp_err_t *ret_error, char *buf, size_t n);
