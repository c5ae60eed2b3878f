/* What librdkafka's errors mean to us, and the words for them. */
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

enum ps_kafka_blame {
    PS_KAFKA_BLAME_REST,      /* anything else: start anew */
    PS_KAFKA_BLAME_RECORD,    /* a record of the request will never be taken */
    PS_KAFKA_BLAME_CONNECTION /* no broker answers: librdkafka goes on by itself */
};

enum ps_kafka_blame ps_kafka_error_blame(rd_kafka_resp_err_t error);

/* What to do about it, ready to follow "…: ". */
const char *ps_kafka_error_advice(rd_kafka_resp_err_t error);
