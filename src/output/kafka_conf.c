#include "output/kafka_conf.h"

#include <stdio.h>
#include <strings.h>

#include "base/util.h"

enum {
    ALLOWED_MAX = 3,
    TOPIC_MAX = 249, /* bytes; Kafka's own limit */
    ERROR_SIZE = 512,
    IGNORED_SIZE = 640 /* an error of librdkafka's and the name of the property */
};

struct setting {
    const char *name, *value;
};

/* The window bounds what is under way, so librdkafka's own queue must not. */
static const struct setting defaults[] = {
    {"client.id", "postship"},
    {"enable.idempotence", "true"},
    {"acks", "all"},
    {"message.timeout.ms", "0"}, /* for ever */
    {"linger.ms", "10"},
    {"queue.buffering.max.messages", "0"}, /* no limit */
    {"queue.buffering.max.kbytes", "2147483647"},
    {"socket.keepalive.enable", "true"},
    {"log.connection.close", "false"}, /* brokers close idle connections all the time */
    {"statistics.interval.ms", "0"},
    {"log.queue", "true"},
};

static const struct setting single_mode[] = {
    {"batch.num.messages", "1"},
    {"max.in.flight", "1"},
    {"linger.ms", "0"},
};

/* What the user may not set, or only to these values. */
static const struct guarded {
    const char *name;
    const char *allowed[ALLOWED_MAX];
    const char *why;
} guarded[] = {
    {"acks", {"all", "-1"}, "a record counts as delivered only when all in-sync replicas have it"},
    {"request.required.acks", {"all", "-1"}, "a record counts as delivered only when all in-sync replicas have it"},
    {"enable.idempotence", {"true", "t", "1"}, "without it retries put records twice and out of order into the topic"},
    {"message.timeout.ms", {"0"}, "records are retried without end; the log itself is the queue"},
    {"delivery.timeout.ms", {"0"}, "records are retried without end; the log itself is the queue"},
    {"delivery.report.only.error", {"false", "f", "0"}, "a record is confirmed by its delivery report"},
    {"transactional.id", {NULL}, "postship does not use transactions"},
    {"test.mock.num.brokers", {"0"}, "a mock broker confirms records and forgets them"},
    {"log.queue", {"true", "t", "1"}, "librdkafka's messages go through postship's log"},
    {"enabled_events", {NULL}, "postship sets it"},
    {"bootstrap.servers", {NULL}, "use `brokers`"},
    {"metadata.broker.list", {NULL}, "use `brokers`"},
};

static const struct guarded *guarded_find(const struct ps_pair *p)
{
    for (size_t i = 0; i < PS_COUNT(guarded); i++) {
        const struct guarded *g = &guarded[i];
        if (strcmp(p->key, g->name) != 0)
            continue;
        for (size_t k = 0; k < ALLOWED_MAX && g->allowed[k]; k++)
            if (strcasecmp(p->value, g->allowed[k]) == 0)
                return NULL;
        return g;
    }
    return NULL;
}

static bool topic_valid(const char *topic)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = strlen(topic);
    return n > 0 && n <= TOPIC_MAX && strspn(topic, legal) == n && strcmp(topic, ".") != 0 && strcmp(topic, "..") != 0;
}

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, char *buf, size_t n)
{
    char error[ERROR_SIZE];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK)
        return 0;
    /* librdkafka may name another spelling of the property than the user's */
    (void)snprintf(buf, n, "kafka: properties: %.80s: %.400s", name, error); /* fits into ERROR_SIZE */
    return -EINVAL;
}

static int defaults_set(rd_kafka_conf_t *conf, char *buf, size_t n)
{
    for (size_t i = 0; i < PS_COUNT(defaults); i++) {
        int r = set(conf, defaults[i].name, defaults[i].value, buf, n);
        if (r < 0)
            return r;
    }
    /* not every build has zstd; lz4 is always there */
    if (set(conf, "compression.type", "zstd", buf, n) < 0)
        return set(conf, "compression.type", "lz4", buf, n);
    return 0;
}

static int properties_set(rd_kafka_conf_t *conf, const struct ps_pairs *properties, char *buf, size_t n)
{
    for (size_t i = 0; i < properties->n; i++) {
        const struct ps_pair *p = &properties->v[i];
        const struct guarded *g = guarded_find(p);
        if (g) {
            (void)snprintf(buf, n, "kafka: properties: %s can't be set%s%s: %s", g->name,
                           g->allowed[0] ? " but to " : "", g->allowed[0] ? g->allowed[0] : "", g->why);
            return -EINVAL;
        }
        int r = set(conf, p->key, p->value, buf, n);
        if (r < 0)
            return r;
    }
    return 0;
}

static int conf_fill(rd_kafka_conf_t *conf, const struct ps_output_kafka_options *o, char *buf, size_t n)
{
    int r = defaults_set(conf, buf, n);
    if (r < 0)
        return r;
    r = properties_set(conf, &o->properties, buf, n);
    if (r < 0)
        return r;
    if (!topic_valid(o->topic)) {
        (void)snprintf(buf, n, "kafka: topic: expected up to %d letters, digits, '.', '_' and '-', found \"%s\"",
                       (int)TOPIC_MAX, o->topic);
        return -EINVAL;
    }
    /* reports, errors and logs come as events, to our thread; librdkafka's threads write nothing themselves */
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
    return 0;
}

static int conf_new(const struct ps_output_kafka_options *o, rd_kafka_conf_t **ret, char *buf, size_t n)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (!conf)
        return -ENOMEM;
    int r = conf_fill(conf, o, buf, n);
    if (r < 0) {
        rd_kafka_conf_destroy(conf);
        return r;
    }
    *ret = conf;
    return 0;
}

int ps_kafka_conf_new(const struct ps_output_kafka_options *o, rd_kafka_conf_t **ret, char *buf, size_t n)
{
    rd_kafka_conf_t *conf;
    int r = conf_new(o, &conf, buf, n);
    if (r < 0)
        return r;
    r = set(conf, "bootstrap.servers", o->brokers, buf, n);
    if (r < 0) {
        rd_kafka_conf_destroy(conf);
        return r;
    }
    *ret = conf;
    return 0;
}

rd_kafka_conf_t *ps_kafka_conf_free(rd_kafka_conf_t *conf)
{
    if (conf)
        rd_kafka_conf_destroy(conf);
    return NULL;
}

rd_kafka_conf_t *ps_kafka_conf_copy(const rd_kafka_conf_t *conf, bool single)
{
    rd_kafka_conf_t *copy = rd_kafka_conf_dup(conf);
    char error[IGNORED_SIZE];
    for (size_t i = 0; copy && single && i < PS_COUNT(single_mode); i++)
        (void)set(copy, single_mode[i].name, single_mode[i].value, error, sizeof error);
    return copy;
}

/* Kerberos and OAuth fetch their tickets as soon as a producer exists: a check must not. */
static void tickets_leave_out(rd_kafka_conf_t *conf)
{
    char mechanism[64] = "", protocol[32] = "", error[IGNORED_SIZE];
    size_t n = sizeof mechanism;
    (void)rd_kafka_conf_get(conf, "sasl.mechanisms", mechanism, &n);
    n = sizeof protocol;
    (void)rd_kafka_conf_get(conf, "security.protocol", protocol, &n);
    bool password = strncasecmp(mechanism, "PLAIN", 5) == 0 || strncasecmp(mechanism, "SCRAM", 5) == 0;
    if (password || strncasecmp(protocol, "sasl_", 5) != 0)
        return;
    (void)set(conf, "security.protocol", protocol + 5, error, sizeof error);
}

int ps_kafka_conf_check(const struct ps_output_kafka_options *o, char *buf, size_t n)
{
    rd_kafka_conf_t *conf;
    int r = conf_new(o, &conf, buf, n); /* without brokers, it connects nowhere */
    if (r < 0)
        return r;
    tickets_leave_out(conf);
    char error[ERROR_SIZE];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!rk) {
        rd_kafka_conf_destroy(conf);
        (void)snprintf(buf, n, "kafka: %s", error);
        return -EINVAL;
    }
    rd_kafka_destroy(rk);
    return 0;
}
