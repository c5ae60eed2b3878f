#include "output/kafka_error.h"

#include "base/util.h"

static const struct row {
    rd_kafka_resp_err_t error;
    enum ps_kafka_blame blame;
    const char *advice;
} rows[] = {
#define SIZE_ADVICE   "raise the topic's max.message.bytes"
#define RECORD_ADVICE "the broker or topic has a rule that this record breaks (cleanup.policy, message.timestamp.*)"
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, PS_KAFKA_BLAME_RECORD, SIZE_ADVICE},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, PS_KAFKA_BLAME_RECORD, SIZE_ADVICE},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, PS_KAFKA_BLAME_RECORD, SIZE_ADVICE},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, PS_KAFKA_BLAME_RECORD, RECORD_ADVICE},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, PS_KAFKA_BLAME_RECORD, RECORD_ADVICE},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, PS_KAFKA_BLAME_RECORD,
     "raise the topic's message.timestamp.difference.max.ms (or .before.max.ms)"},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, PS_KAFKA_BLAME_RECORD, RECORD_ADVICE},
#undef SIZE_ADVICE
#undef RECORD_ADVICE

    {RD_KAFKA_RESP_ERR__TRANSPORT, PS_KAFKA_BLAME_CONNECTION, "check `brokers`, the network and the brokers"},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, PS_KAFKA_BLAME_CONNECTION,
     "check `brokers`, security.protocol in `properties`, the network and the brokers"},
    {RD_KAFKA_RESP_ERR__RESOLVE, PS_KAFKA_BLAME_CONNECTION, "check the names in `brokers` and the resolver"},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, PS_KAFKA_BLAME_CONNECTION, "check the network and the brokers"},
    {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, PS_KAFKA_BLAME_CONNECTION, "check the network and the brokers"},

    {RD_KAFKA_RESP_ERR__AUTHENTICATION, PS_KAFKA_BLAME_REST,
     "check sasl.mechanisms, sasl.username and sasl.password in `properties`"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, PS_KAFKA_BLAME_REST,
     "check sasl.mechanisms, sasl.username and sasl.password in `properties`"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, PS_KAFKA_BLAME_REST, "check sasl.mechanisms in `properties`"},
    {RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE, PS_KAFKA_BLAME_REST, "check security.protocol in `properties`"},
    {RD_KAFKA_RESP_ERR__SSL, PS_KAFKA_BLAME_REST,
     "check security.protocol and ssl.ca.location in `properties`, and the names in the broker's certificate"},

    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, PS_KAFKA_BLAME_REST,
     "give this user the rights Write and Describe on the topic"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, PS_KAFKA_BLAME_REST,
     "give this user the right IdempotentWrite on the cluster"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, PS_KAFKA_BLAME_REST, "create the topic, or correct `topic`"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, PS_KAFKA_BLAME_REST, "create the topic, or correct `topic`"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, PS_KAFKA_BLAME_REST, "create the topic, or correct `topic`"},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, PS_KAFKA_BLAME_REST, "correct `topic`: the brokers don't allow this name"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, PS_KAFKA_BLAME_REST, "set compression.type: lz4 in `properties`"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, PS_KAFKA_BLAME_REST, "the brokers must be Kafka 0.11 or newer"},
};

static const struct row *row_find(rd_kafka_resp_err_t error)
{
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        if (rows[i].error == error)
            return &rows[i];
    return NULL;
}

enum ps_kafka_blame ps_kafka_error_blame(rd_kafka_resp_err_t error)
{
    const struct row *row = row_find(error);
    return row ? row->blame : PS_KAFKA_BLAME_REST;
}

const char *ps_kafka_error_advice(rd_kafka_resp_err_t error)
{
    const struct row *row = row_find(error);
    return row ? row->advice : "sent again until it works";
}
