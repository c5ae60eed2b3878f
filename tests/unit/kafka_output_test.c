/* The Kafka output on librdkafka's mock cluster: errors of each kind, brokers that go away, refused settings. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef PS_WITH_KAFKA
#include "base/util.h"
#include "output/kafka.h"
#include "output/kafka_conf.h"
#include "output/kafka_error.h"
#include "support/fake_host.h"
#include "support/kafka_mock.h"

enum { API_PRODUCE = 0, API_INIT_PRODUCER_ID = 22, PROPERTIES_MAX = 4 };

static char topic[] = "mail";

struct fixture {
    struct kafka_mock mock;
    struct ps_output_kafka_options options;
    struct ps_pair properties[PROPERTIES_MAX];
    struct fake_host *host;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->host = calloc(1, sizeof *f->host);
    assert_non_null(f->host);
    kafka_mock_open(&f->mock, topic);
    f->options = (struct ps_output_kafka_options){
        .brokers = f->mock.brokers, .topic = topic, .properties = {.v = f->properties}};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    kafka_mock_close(&f->mock);
    free(f->host);
    free(f);
    return 0;
}

static void property_set(struct fixture *f, char *key, char *value)
{
    assert_true(f->options.properties.n < PROPERTIES_MAX);
    f->properties[f->options.properties.n++] = (struct ps_pair){key, value};
}

static void start(struct fixture *f)
{
    fake_host_open(f->host, &ps_output_kafka, &f->options);
}

static void stop(struct fixture *f)
{
    fake_host_close(f->host);
    assert_int_equal(f->host->errors, 0);
}

static void push_errors(struct fixture *f, int16_t api, rd_kafka_resp_err_t error, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rd_kafka_mock_push_request_errors(f->mock.cluster, api, 1, error);
}

/* What the brokers answer, how often, and what must come of it. */
static void test_errors(void **state)
{
    static const struct {
        int16_t api;
        rd_kafka_resp_err_t error;
        size_t count;
        bool rewinds;    /* else librdkafka copes alone */
        const char *say; /* in the reason of the rewind */
    } rows[] = {
        {API_PRODUCE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 3, false, NULL},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, 3, false, NULL},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 3, false, NULL},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, 1, false, NULL},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, 1, false, NULL},
        {API_PRODUCE, RD_KAFKA_RESP_ERR__TRANSPORT, 2, false, NULL},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1, true, "Write"},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, 1, true, "IdempotentWrite"},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, 1, true, "mail"},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, 1, true, "compression.type"},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 1, true, "mail"},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_RECORD, 1, true, "one at a time"},
        {API_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1, true, "one at a time"},
        {API_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 2, false, NULL},
        {API_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR__TRANSPORT, 1, false, NULL},
        {API_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, 1, true, "IdempotentWrite"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        memset(f->host, 0, sizeof *f->host);
        f->host->purge_at_once = i & 1;
        push_errors(f, rows[i].api, rows[i].error, rows[i].count);
        start(f);
        fake_host_make_many(f->host, 300, 100);
        fake_host_settle(f->host);
        const char *name = rd_kafka_err2name(rows[i].error);
        if (f->host->done != 300 || f->host->refused != 0)
            fail_msg("%s: %zu done, %zu refused: %s", name, f->host->done, f->host->refused, f->host->reason);
        if (rows[i].rewinds != (f->host->rewinds > 0))
            fail_msg("%s: %zu rewinds: %s", name, f->host->rewinds, f->host->why);
        if (rows[i].say && !strstr(f->host->why, rows[i].say))
            fail_msg("%s: %s", name, f->host->why);
        stop(f);
        rd_kafka_mock_clear_request_errors(f->mock.cluster, rows[i].api);
    }
}

/* The batch is refused; then, one at a time, only the guilty record: the mock answers requests in their order, so in
 * single mode its place in the row of answers is its number. */
static void test_one_guilty(void **state)
{
    static const struct {
        rd_kafka_resp_err_t error;
        size_t guilty;
    } rows[] = {
        {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 7}, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 0},
        {RD_KAFKA_RESP_ERR_INVALID_RECORD, 3},     {RD_KAFKA_RESP_ERR_INVALID_RECORD, 19},
        {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, 1},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        memset(f->host, 0, sizeof *f->host);
        push_errors(f, API_PRODUCE, rows[i].error, 1);
        push_errors(f, API_PRODUCE, RD_KAFKA_RESP_ERR_NO_ERROR, rows[i].guilty);
        push_errors(f, API_PRODUCE, rows[i].error, 1);
        start(f);
        fake_host_make_many(f->host, 20, 100);
        fake_host_settle(f->host);
        assert_int_equal(f->host->done, 19);
        assert_int_equal(f->host->refused, 1);
        assert_int_equal(f->host->rewinds, 1);
        assert_int_equal(f->host->records[rows[i].guilty].state, FAKE_REFUSED);
        assert_non_null(strstr(f->host->reason, rd_kafka_err2name(rows[i].error)));
        /* afterwards batches again, on a new producer, without a rewind */
        fake_host_make_many(f->host, 500, 100);
        fake_host_settle(f->host);
        assert_int_equal(f->host->done, 519);
        assert_int_equal(f->host->rewinds, 1);
        stop(f);
    }
}

/* Behind the records that were sent one at a time there are batches again: far fewer requests than records. */
static void test_batches_again(void **state)
{
    enum { RECORDS = 500, REQUESTS_MAX = 50 };
    struct fixture *f = *state;
    push_errors(f, API_PRODUCE, RD_KAFKA_RESP_ERR_INVALID_RECORD, 1);
    start(f);
    fake_host_make_many(f->host, 5, 100);
    fake_host_settle(f->host);
    assert_int_equal(f->host->rewinds, 1);
    for (int i = 0; i < RECORDS; i++) /* the mock takes one off for each request */
        (void)rd_kafka_mock_broker_push_request_error_rtts(f->mock.cluster, 1, API_PRODUCE, 1,
                                                           RD_KAFKA_RESP_ERR_NO_ERROR, 0);
    fake_host_make_many(f->host, RECORDS, 100);
    fake_host_settle(f->host);
    size_t left = 0;
    assert_int_equal(rd_kafka_mock_broker_error_stack_cnt(f->mock.cluster, 1, API_PRODUCE, &left), 0);
    assert_in_range(RECORDS - left, 1, REQUESTS_MAX);
    stop(f);
}

/* Nothing is taken: that is a wrong setting, no dead letter. Once it is put right all go. */
static void test_all_refused(void **state)
{
    struct fixture *f = *state;
    push_errors(f, API_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1 + 5 + 5);
    start(f);
    fake_host_make_many(f->host, 5, 100);
    fake_host_settle(f->host);
    assert_int_equal(f->host->done, 5);
    assert_int_equal(f->host->refused, 0);
    assert_int_equal(f->host->rewinds, 3);
    assert_non_null(strstr(f->host->why, "refuses all records"));
    assert_non_null(strstr(f->host->why, "max.message.bytes"));
    stop(f);
}

/* librdkafka's own limit: refused at once, by itself. */
static void test_larger_than_client_limit(void **state)
{
    struct fixture *f = *state;
    property_set(f, "message.max.bytes", "5000");
    start(f);
    fake_host_make_many(f->host, 10, 100);
    uint64_t large = fake_host_make(f->host, 6000);
    fake_host_make_many(f->host, 10, 100);
    fake_host_settle(f->host);
    assert_int_equal(f->host->done, 20);
    assert_int_equal(f->host->refused, 1);
    assert_int_equal(f->host->records[large].state, FAKE_REFUSED);
    assert_int_equal(f->host->rewinds, 0);
    assert_non_null(strstr(f->host->reason, "message.max.bytes"));
    stop(f);
}

static void test_queue_full(void **state)
{
    struct fixture *f = *state;
    property_set(f, "queue.buffering.max.messages", "100");
    start(f);
    fake_host_make_many(f->host, 1000, 100);
    fake_host_submit(f->host);
    assert_int_equal(f->host->next, 100);
    fake_host_settle(f->host);
    assert_int_equal(f->host->done, 1000);
    assert_true(f->host->writables > 0);
    assert_int_equal(f->host->rewinds, 0);
    stop(f);
}

static void turn_until_sent(struct fixture *f, size_t done)
{
    while (f->host->done < done) {
        fake_host_submit(f->host);
        fake_host_turn(f->host);
    }
}

static void test_broker_down_and_up(void **state)
{
    struct fixture *f = *state;
    start(f);
    fake_host_make_many(f->host, 100, 100);
    fake_host_settle(f->host);
    for (int i = 0; i < 2; i++) {
        (void)rd_kafka_mock_broker_set_down(f->mock.cluster, 1);
        fake_host_make_many(f->host, 1000, 100);
        fake_host_submit(f->host);
        for (int k = 0; k < 3; k++)
            fake_host_turn(f->host);
        assert_int_equal(f->host->done, 100 + (size_t)i * 1000);
        if (i == 1)
            fake_host_purge(f->host); /* also while it is away */
        (void)rd_kafka_mock_broker_set_up(f->mock.cluster, 1);
        turn_until_sent(f, 100 + ((size_t)i + 1) * 1000);
    }
    assert_int_equal(f->host->rewinds, 0);
    assert_int_equal(f->host->refused, 0);
    stop(f);
}

/* The answer to a request is on its way while the producer goes: its bytes are freed right then. */
static void test_purge_in_flight(void **state)
{
    struct fixture *f = *state;
    start(f);
    (void)fake_host_make(f->host, 100);
    fake_host_settle(f->host);
    (void)rd_kafka_mock_broker_set_rtt(f->mock.cluster, 1, 300);
    fake_host_make_many(f->host, 5000, 500);
    for (int i = 0; i < 5; i++) {
        fake_host_submit(f->host);
        fake_host_turn(f->host);
        fake_host_purge(f->host);
    }
    (void)rd_kafka_mock_broker_set_rtt(f->mock.cluster, 1, 0);
    fake_host_settle(f->host);
    assert_int_equal(f->host->done, 5001);
    stop(f);
}

static void test_topic_missing(void **state)
{
    struct fixture *f = *state;
    static char missing[] = "missing";
    f->options.topic = missing;
    property_set(f, "topic.metadata.propagation.max.ms", "10");
    rd_kafka_mock_topic_set_error(f->mock.cluster, missing, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    start(f);
    fake_host_make_many(f->host, 10, 100);
    while (f->host->rewinds < 2) {
        fake_host_submit(f->host);
        fake_host_turn(f->host);
    }
    assert_int_equal(f->host->done, 0);
    assert_non_null(strstr(f->host->why, "topic missing"));
    assert_non_null(strstr(f->host->why, "create the topic"));
    rd_kafka_mock_topic_set_error(f->mock.cluster, missing, RD_KAFKA_RESP_ERR_NO_ERROR); /* created */
    fake_host_settle(f->host);
    assert_int_equal(f->host->done, 10);
    stop(f);
}

/* What arrives: value, key and time, read back by a consumer of the same cluster. */
static void test_what_arrives(void **state)
{
    struct fixture *f = *state;
    start(f);
    fake_host_make_many(f->host, 50, 100);
    fake_host_settle(f->host);
    char error[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "bootstrap.servers", f->mock.brokers, error, sizeof error), 0);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    assert_non_null(rk);
    rd_kafka_topic_t *t = rd_kafka_topic_new(rk, topic, NULL);
    assert_int_equal(rd_kafka_consume_start(t, 0, RD_KAFKA_OFFSET_BEGINNING), 0);
    for (unsigned n = 0; n < 50;) {
        rd_kafka_message_t *m = rd_kafka_consume(t, 0, 1000);
        if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            char head[32];
            int head_n = snprintf(head, sizeof head, "{\"n\":%u,\"pad\":\"", n++);
            assert_int_equal(m->len, 100);
            assert_memory_equal(m->payload, head, (size_t)head_n);
            assert_int_equal(m->key_len, 4);
            assert_memory_equal(m->key, "4XyZ", 4);
            assert_int_equal(rd_kafka_message_timestamp(m, NULL), INT64_C(1700000000000));
        }
        if (m)
            rd_kafka_message_destroy(m);
    }
    (void)rd_kafka_consume_stop(t, 0);
    rd_kafka_topic_destroy(t);
    rd_kafka_destroy(rk);
    stop(f);
}

/* Settings, and what `check` says to them. */
static void test_check(void **state)
{
    (void)state;
    static char brokers[] = "kafka1.example.org:9092,[2001:db8::1]:9092";
    static const struct {
        char *topic, *key, *value;
        const char *say; /* NULL: fine */
    } rows[] = {
        {topic, "compression.type", "gzip", NULL},
        {topic, "acks", "all", NULL},
        {topic, "acks", "-1", NULL},
        {topic, "enable.idempotence", "true", NULL},
        {topic, "message.timeout.ms", "0", NULL},
        {topic, "linger.ms", "100", NULL},
        {topic, "retries", "5", NULL},
        {topic, "security.protocol", "ssl", NULL},
        {topic, "security.protocol", "sasl_ssl", NULL}, /* Kerberos by default: no ticket is fetched */
        {topic, "debug", "broker", NULL},
        {topic, "acks", "1", "all in-sync replicas"},
        {topic, "acks", "0", "all in-sync replicas"},
        {topic, "request.required.acks", "1", "all in-sync replicas"},
        {topic, "enable.idempotence", "false", "twice"},
        {topic, "message.timeout.ms", "30000", "without end"},
        {topic, "delivery.timeout.ms", "30000", "without end"},
        {topic, "delivery.report.only.error", "true", "delivery report"},
        {topic, "transactional.id", "x", "transactions"},
        {topic, "test.mock.num.brokers", "3", "forgets"},
        {topic, "log.queue", "false", "log"},
        {topic, "enabled_events", "0", "enabled_events"},
        {topic, "bootstrap.servers", "x:1", "brokers"},
        {topic, "metadata.broker.list", "x:1", "brokers"},
        {topic, "dr_cb", "x", "dr_cb"},
        {topic, "dr_msg_cb", "x", "dr_msg_cb"},
        {topic, "no.such.property", "1", "No such configuration property: \"no.such.property\""},
        {topic, "compression.type", "rar", "Invalid value \"rar\""},
        {topic, "linger.ms", "soon", "linger.ms"},
        {topic, "max.in.flight", "100", "max.in.flight"},        /* doesn't fit with idempotence */
        {topic, "ssl.ca.location", "/nonexistent/ca.pem", NULL}, /* not used without TLS */
        {"with blank", "linger.ms", "5", "topic"},
        {"", "linger.ms", "5", "topic"},
        {"..", "linger.ms", "5", "topic"},
        {"a.b_c-D9", "linger.ms", "5", NULL},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_pair pair = {rows[i].key, rows[i].value};
        struct ps_output_kafka_options o = {.brokers = brokers, .topic = rows[i].topic, .properties = {&pair, 1}};
        char message[FAKE_TEXT] = "";
        int r = ps_output_kafka.check(&o, message, sizeof message);
        if (rows[i].say ? r != -EINVAL || !strstr(message, rows[i].say) : r != 0)
            fail_msg("%s=%s: %d %s", rows[i].key, rows[i].value, r, message);
    }
}

static void test_check_together(void **state)
{
    (void)state;
    static char brokers[] = "kafka1.example.org:9092";
    struct ps_pair pairs[] = {{"security.protocol", "ssl"}, {"ssl.ca.location", "/nonexistent/ca.pem"}};
    struct ps_output_kafka_options o = {.brokers = brokers, .topic = topic, .properties = {pairs, PS_COUNT(pairs)}};
    char message[FAKE_TEXT] = "";
    assert_int_equal(ps_output_kafka.check(&o, message, sizeof message), -EINVAL);
    assert_non_null(strstr(message, "ssl.ca.location"));
    struct ps_pair secrets[] = {
        {"security.protocol", "sasl_plaintext"}, {"sasl.mechanisms", "PLAIN"}, {"sasl.password", "hunter2"}};
    o.properties = (struct ps_pairs){secrets, PS_COUNT(secrets)};
    message[0] = '\0';
    (void)ps_output_kafka.check(&o, message, sizeof message);
    assert_null(strstr(message, "hunter2"));
}

/* No setting of ours may be overridden by the copy for single records, and the user's must arrive. */
static void test_conf(void **state)
{
    (void)state;
    static char brokers[] = "kafka1.example.org:9092";
    struct ps_pair pair = {"linger.ms", "77"};
    struct ps_output_kafka_options o = {.brokers = brokers, .topic = topic, .properties = {&pair, 1}};
    rd_kafka_conf_t *conf;
    char message[FAKE_TEXT] = "";
    assert_int_equal(ps_kafka_conf_new(&o, &conf, message, sizeof message), 0);
    static const struct {
        bool single;
        const char *name, *value;
    } rows[] = {
        {false, "bootstrap.servers", "kafka1.example.org:9092"},
        {false, "enable.idempotence", "true"},
        {false, "acks", "-1"},
        {false, "message.timeout.ms", "0"},
        {false, "linger.ms", "77"},
        {false, "client.id", "postship"},
        {false, "compression.type", "zstd"},
        {true, "enable.idempotence", "true"},
        {true, "acks", "-1"},
        {true, "linger.ms", "0"},
        {true, "batch.num.messages", "1"},
        {true, "max.in.flight", "1"},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        rd_kafka_conf_t *copy = ps_kafka_conf_copy(conf, rows[i].single);
        char value[64] = "";
        size_t n = sizeof value;
        assert_int_equal(rd_kafka_conf_get(copy, rows[i].name, value, &n), RD_KAFKA_CONF_OK);
        if (strcmp(value, rows[i].value) != 0)
            fail_msg("%s is %s", rows[i].name, value);
        rd_kafka_conf_destroy(copy);
    }
    assert_null(ps_kafka_conf_free(conf));
    assert_null(ps_kafka_conf_free(NULL));
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_errors),
        CASE(test_one_guilty),
        CASE(test_batches_again),
        CASE(test_all_refused),
        CASE(test_larger_than_client_limit),
        CASE(test_queue_full),
        CASE(test_broker_down_and_up),
        CASE(test_purge_in_flight),
        CASE(test_topic_missing),
        CASE(test_what_arrives),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_conf),
        cmocka_unit_test(test_check_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
    return 77; /* built without Kafka */
}
#endif
